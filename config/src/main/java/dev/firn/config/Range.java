package dev.firn.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The bounds of a numeric setting, both inclusive. For durations, in milliseconds.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Range {
    long min();

    long max() default Long.MAX_VALUE;
}
