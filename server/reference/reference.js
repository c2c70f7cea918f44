/** Shows the OpenAPI document of this master, in the theme of the job board or else of the system. */
const system = window.matchMedia('(prefers-color-scheme: dark)')

function applyTheme() {
  const { theme } = document.documentElement.dataset
  const isDark = theme ? theme === 'dark' : system.matches
  document.documentElement.classList.toggle('dark-mode', isDark)
}

applyTheme()
system.addEventListener('change', applyTheme)

window.SwaggerUIBundle({
  url: '/api/v1/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  // Otherwise it would send the document to a validator on another host.
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
})
