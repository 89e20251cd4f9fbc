/**
 * Pictures for the notebooks: everything becomes a {@link digits.pictures.Picture} on white paper, so that it looks the
 * same in JupyterLab's light and dark themes and in an exported page, with an alternative text that says what it shows.
 * Nothing here knows a kernel or HTML.
 * Arguments outside the ranges that the descriptions give are {@link IllegalArgumentException}s; so is nothing to draw,
 * unless a method says otherwise. May import data, networks, evaluation, training, experiments, interpret and the
 * packages below them.
 */
package digits.pictures;
