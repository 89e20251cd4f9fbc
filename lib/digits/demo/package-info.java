/**
 * A page on which one draws a digit while a network says what it sees, and the small server behind it: the JDK's own, on the loopback
 * address only, without a framework and without any address outside.
 */
package digits.demo;
