#include "gatehouse/stages/forward/provider_answer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/providers/request_head.h"

namespace gatehouse::stages {
namespace {

// Whether a field is among complete lines, in whatever case its sender wrote it.
bool tells(std::string_view fields, std::string_view name) {
  while (!fields.empty()) {
    const auto line = fields.substr(0, fields.find("\r\n"));
    fields.remove_prefix(std::min(line.size() + 2, fields.size()));
    if (base::equals_ignore_case(line.substr(0, line.find(':')), name)) return true;
  }
  return false;
}

}  // namespace

bool media_type_is(std::string_view content_type, std::string_view type) {
  return base::equals_ignore_case(base::trim(content_type.substr(0, content_type.find(';'))), type);
}

void append_provider_fields(const http::ResponseHead& head, bool decoded, bool translated, std::string& out) {
  out.reserve(512);
  const bool nominates = head.fields.find("connection") != nullptr;
  for (const auto& field : head.fields) {
    if (!providers::passes_to_caller(field.name)) continue;
    if (decoded && base::equals_ignore_case(field.name, "content-encoding")) continue;
    if (translated && base::equals_ignore_case(field.name, "content-type")) continue;
    if (nominates && http::nominated_by_connection(head.fields, field.name)) continue;
    http::append_field(out, field.name, field.value);
  }
}

std::string seconds_until_retry(const llm::ChatError& error) {
  if (!error.retry_after) return {};
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*error.retry_after).count();
  return std::to_string(std::max<std::int64_t>(seconds, 0));
}

void append_retry_after(const llm::ChatError& error, std::string& fields) {
  const std::string seconds = seconds_until_retry(error);
  if (seconds.empty() || tells(fields, "retry-after")) return;
  http::append_field(fields, "retry-after", seconds);
}

Error credentials_refused() {
  // The key that the provider refused is the gateway's; the caller can do nothing about it, and the provider's text
  // may show part of that key.
  return Error(Code::upstream_credentials, "The provider did not accept the gateway's credentials");
}

Result<std::unique_ptr<http::ContentDecoder>> decoder_of(const http::ResponseHead& head) {
  auto made = http::make_content_decoder(head.fields.value("content-encoding"));
  if (!made) return fail(Code::upstream_protocol, "The provider's answer has a content coding that is not known");
  return std::move(*made);
}

void log_failure(pipeline::Exchange& exchange, const Error& error) {
  if (error.source() != base::Source::upstream) return;
  exchange.worker.metrics.upstream_error(exchange.provider->name, error.code);
  exchange.worker.log.warn(async::Loop::now(), "upstream_failed",
                           {{"request", base::view(exchange.id)},
                            {"provider", exchange.provider->name},
                            {"error", error.slug()},
                            {"detail", error.detail}});
}

}  // namespace gatehouse::stages
