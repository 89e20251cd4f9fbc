/**
 * HTML for the notebooks, with inline styles only, so that it shows in JupyterLab's light and dark themes and in an exported
 * page, and its text where styles are stripped. {@link digits.html.Live} shows progress; nothing here knows a kernel. May
 * import {@link digits.pictures} and everything that it may import.
 */
package digits.html;
