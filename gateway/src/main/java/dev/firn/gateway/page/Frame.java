package dev.firn.gateway.page;

import java.time.Instant;

/// What surrounds every page.
///
/// @param section the entry of the menu that is current; empty for none
/// @param principal who looks at it; empty where nobody has to say
/// @param now the time that ages are told from
public record Frame(String title, String section, String principal, String namespace, Instant now) {}
