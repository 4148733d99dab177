#include "gatehouse/stages/forward/provider_answer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/providers/request_head.h"

namespace gatehouse::stages {

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

void append_retry_after(const llm::ChatError& error, std::string& fields) {
  if (!error.retry_after || fields.find("retry-after:") != std::string::npos) return;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(*error.retry_after).count();
  http::append_field(fields, "retry-after", static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0)));
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
