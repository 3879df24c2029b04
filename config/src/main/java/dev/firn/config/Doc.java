package dev.firn.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// What a setting means, for the generated reference. Lives beside the setting so that neither is changed alone.
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
@interface Doc {
    String value();

    /// Whether the value must never be printed.
    boolean secret() default false;
}
