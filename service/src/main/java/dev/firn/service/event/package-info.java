/// Events as services read them, keep them and cut them to size.
@NullMarked
package dev.firn.service.event;

import org.jspecify.annotations.NullMarked;
