package dev.firn.lake;

import java.io.EOFException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/// Why something failed, for people who do not know the code: what an exception and its causes say, without the
/// names of classes, which belong in the log. Exceptions whose own text speaks of code rather than of data get
/// other words.
public final class Reason {
    private static final int MAX_CAUSES = 20;
    private static final int MAX_LENGTH = 1_000;
    private static final Pattern CLASS = Pattern.compile(
            "(?:(?:instance of |of |from )?class )?\\b(?:(?:java|javax|jdk|sun|com|org|io|net|dev|software|shaded)\\.(?:[a-z_]\\w*\\.)+[A-Z][\\w$]*"
                    + "|[A-Z]\\w*(?:Exception|Error))\\b(?::\\s*)?");

    private Reason() {}

    /// At most [#MAX_LENGTH] characters on one line; never empty.
    public static String of(Throwable fault) {
        StringBuilder reason = new StringBuilder();
        Throwable cause = fault;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++, cause = cause.getCause()) {
            String more = own(cause);
            if (!more.isEmpty() && reason.indexOf(more) < 0) {
                reason.append(reason.isEmpty() ? "" : ": ").append(more);
            }
        }
        if (reason.isEmpty()) {
            return "no reason is known";
        }
        return reason.length() <= MAX_LENGTH ? reason.toString() : reason.substring(0, MAX_LENGTH) + "…";
    }

    private static String own(Throwable fault) {
        return switch (fault) {
            case AwsServiceException answer -> answer(answer);
            case NullPointerException _ -> "a value that must be there is missing";
            case ClassCastException _ -> "a value is of another type than expected";
            case IndexOutOfBoundsException _,
                    NegativeArraySizeException _,
                    BufferUnderflowException _,
                    BufferOverflowException _ -> "an offset or a length is out of range";
            case StackOverflowError _ -> "it is nested too deeply";
            case UnknownHostException _ -> "unknown host " + fault.getMessage();
            case EOFException _ -> text(fault, "it ends too early");
            case SocketTimeoutException _, TimeoutException _ -> text(fault, "no answer in time");
            default -> text(fault, "");
        };
    }

    private static String answer(AwsServiceException answer) {
        var details = answer.awsErrorDetails();
        String code = details == null || details.errorCode() == null ? "" : " " + details.errorCode();
        String message = details == null || details.errorMessage() == null ? "" : ": " + details.errorMessage();
        return "the store answers " + answer.statusCode() + code + withoutClasses(message);
    }

    private static String text(Throwable fault, String instead) {
        String message = fault.getMessage();
        String text = message == null ? "" : withoutClasses(message);
        return text.isEmpty() ? instead : text;
    }

    private static String withoutClasses(String message) {
        String text = CLASS.matcher(message).replaceAll("");
        return text.replaceAll("[\\s\\p{Cntrl}]+", " ")
                .replaceFirst("^[\\s:]+", "")
                .replaceFirst("[\\s:]+$", "");
    }
}
