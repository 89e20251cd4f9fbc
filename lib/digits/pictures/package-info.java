/**
 * Pictures for the notebooks: everything becomes a {@link java.awt.image.BufferedImage} on white paper, so that it
 * looks the same in JupyterLab's light and dark themes and in an exported page. Nothing here knows a kernel or HTML.
 * Arguments outside the ranges that the descriptions give are {@link IllegalArgumentException}s; so is nothing to draw,
 * unless a method says otherwise. May import data, networks, evaluation, training, experiments, interpret and the
 * packages below them.
 */
package digits.pictures;
