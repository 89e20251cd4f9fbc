/**
 * A page to draw a digit on while a network recognizes it, and the small server behind the page, on the loopback
 * address only. May import every package except {@code exercises}.
 */
package digits.demo;
