/**
 * HTML for the notebooks, with inline styles only, so that it shows in JupyterLab's light and dark themes and in an
 * exported page. {@link digits.html.Live} shows progress; nothing here knows a kernel. May import
 * {@link digits.pictures} and the packages that it may import.
 */
package digits.html;
