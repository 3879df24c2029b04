/// What programs need that send requests and wait for their answers.
@NullMarked
package dev.firn.service.client;

import org.jspecify.annotations.NullMarked;
