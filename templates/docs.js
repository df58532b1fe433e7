// Shows the description of this gateway. Calls made from the page carry the bearer token given under "Authorize".
window.addEventListener("DOMContentLoaded", () => {
  window.SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#reference",
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    validatorUrl: null,
    tagsSorter: "alpha",
    presets: [window.SwaggerUIBundle.presets.apis],
  });
});
