/**
 * Data sets: found, downloaded, checked, split, augmented and handed out in batches. May import {@code digits},
 * {@code files}, {@code fetch} and {@code image}.
 */
package digits.data;
