/// What each role may do, printed for an operator and granted on a cluster.
@org.jspecify.annotations.NullMarked
package dev.firn.cli.rights;
