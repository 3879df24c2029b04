package dev.firn.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The meaning of a setting, for the generated reference. It is next to the setting so that both are changed together.
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
@interface Doc {
    String value();

    /// Whether the value is secret and must not be printed.
    boolean secret() default false;
}
