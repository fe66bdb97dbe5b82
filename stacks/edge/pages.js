// CloudFront function, before the UI's bucket is asked: a path without a file's ending is a page of the app, so
// index.html answers. Only the default behaviour has this function: what the APIs answer, 404 too, comes back as it is.
function handler(event) {
  var request = event.request;
  var last = request.uri.split("/").pop();
  if (last.indexOf(".") === -1) request.uri = "/index.html";
  return request;
}
