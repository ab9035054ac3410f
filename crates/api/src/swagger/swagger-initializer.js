// Starts Swagger UI on the documents that the page names.
"use strict";

const documents = Array.from(document.querySelectorAll('link[rel="service-desc"]'), (link) => ({
  name: link.title,
  url: link.href,
}));

// Where the server is as this browser sees it: a proxy may serve it under a prefix, which no document can know.
const server = new URL("..", location.href).href.replace(/\/$/, "");

// Swagger UI takes every type with "json" in it for one JSON value: of one a line it complains, and an example of it
// it shows in quotes.
const oneValueALine = /^application\/(x-ndjson|jsonl|json-seq)\b/i;

const Boathouse = ({ React, getSystem }) => ({
  fn: {
    getSampleSchema: (schema, type, config, example) =>
      typeof example === "string" && oneValueALine.test(type)
        ? example
        : getSystem().fn.jsonSchema5.getSampleSchema(schema, type, config, example),
  },
  components: {
    Logo: () => null,
    DarkModeToggle: () => null,
  },
  wrapComponents: {
    Topbar: (Original) => (props) =>
      React.createElement(
        "header",
        { className: "bar" },
        React.createElement(
          "a",
          { className: "brand", href: "../" },
          React.createElement("img", { src: "mark.svg", alt: "", width: 28, height: 28 }),
          "Boathouse",
        ),
        React.createElement(Original, props),
      ),
    // Without a language the colours are guessed, and a sentence is painted as if it were a program.
    HighlightCode: (Original) => (props) => {
      const guess = /^[[{]/.test(props.children) ? "json" : "text";
      return React.createElement(Original, { ...props, language: props.language ?? guess });
    },
    responseBody: (Original) => (props) => {
      const contentType = oneValueALine.test(props.contentType) ? "text/plain" : props.contentType;
      return React.createElement(Original, { ...props, contentType });
    },
  },
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (original) => (json) => original({ ...json, servers: [{ url: server }] }),
      },
    },
  },
});

// Swagger UI's dark colours hang on this class. They follow the system, also when it changes.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

window.ui = SwaggerUIBundle({
  dom_id: "#swagger-ui",
  urls: documents,
  layout: "StandaloneLayout",
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  plugins: [SwaggerUIBundle.plugins.DownloadUrl, Boathouse],
  deepLinking: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  requestInterceptor: (request) => {
    // What is tried goes out with what was entered here and nothing else, as from any client. A browser that adds
    // credentials of its own would also answer 401 with its own window, and the answer would not be seen.
    return request.loadSpec ? request : { ...request, credentials: "omit" };
  },
  displayOperationId: true,
  defaultModelsExpandDepth: 0,
  // Its makers' validator would be sent the document.
  validatorUrl: null,
});
