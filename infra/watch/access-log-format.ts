/**
 * One line of JSON for each request, with exactly these fields: no body, no header, no query string, and the path only as
 * the route that matched. What was delivered is in the receiver's own line, found by the same `request_id`.
 */
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';

const FIELDS = {
  event: 'api.request',
  time: AccessLogField.contextRequestTimeEpoch(),
  request_id: AccessLogField.contextRequestId(),
  trace_id: AccessLogField.contextXrayTraceId(),
  source_address: AccessLogField.contextIdentitySourceIp(),
  method: AccessLogField.contextHttpMethod(),
  route: AccessLogField.contextResourcePath(),
  http_status: AccessLogField.contextStatus(),
  refused_by: AccessLogField.contextErrorResponseType(),
  waf_status: AccessLogField.contextWafStatus(),
  duration_ms: AccessLogField.contextResponseLatency(),
  receiver_ms: AccessLogField.contextIntegrationLatency(),
  response_bytes: AccessLogField.contextResponseLength(),
  tls_version: '$context.tlsVersion',
} as const;

export const ACCESS_LOG_FORMAT = AccessLogFormat.custom(JSON.stringify(FIELDS));
