// Shows the document of the service that this page came from. Tokens are kept until the page
// is closed, and nothing is sent to a validator elsewhere.
SwaggerUIBundle({
  url: "../openapi.json",
  dom_id: "#explorer",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
});
