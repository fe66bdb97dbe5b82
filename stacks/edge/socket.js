// CloudFront function, before the WebSocket API is asked: that API answers at the path of its stage alone.
function handler(event) {
  var request = event.request;
  request.uri = "/v1";
  return request;
}
