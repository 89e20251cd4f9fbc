/**
 * Files on this machine: written completely or not at all, read without trusting them. May import {@code digits} and
 * nothing above it.
 */
package digits.files;
