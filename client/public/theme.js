// Applies the stored theme before the first paint, so that the page never flashes in the other one.
// `src/stores/theme.ts` writes the key.
try {
  const theme = localStorage.getItem('argus.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Without storage the system's theme stays.
}
