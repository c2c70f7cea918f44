/** Host names as they are compared: lower case, without port and brackets, addresses in their shortest form. */

/**
 * `[::1]:5000` → `::1`, `Argus.lan:5000` → `argus.lan`, `FD00:0::1` → `fd00::1`.
 *
 * @returns null where it is no host
 */
export function hostName(host: string): string | null {
  const url = [`http://${host}`, `http://[${host}]`].find((candidate) => URL.canParse(candidate))
  return url === undefined ? null : new URL(url).hostname.replace(/^\[|\]$/g, '')
}
