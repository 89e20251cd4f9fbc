/**
 * Pictures and tables for the notebooks: everything is a {@link java.awt.image.BufferedImage} on its own white paper or
 * a piece of HTML with inline styles only, so that it shows in JupyterLab's light and dark theme alike, in an exported
 * page, and (the text of it) where styles are stripped. Nothing here knows a kernel: the notebook displays what it gets.
 */
package digits.pictures;
