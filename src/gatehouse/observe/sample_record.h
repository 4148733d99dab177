#pragma once

#include <chrono>

#include "gatehouse/observe/access_record.h"

// For this room's tests and benchmark.
namespace gatehouse::observe {

// A record with every field set but the error.
inline AccessRecord full_record() {
  using namespace std::chrono;
  AccessRecord record;
  record.request_id = "req_01j0000000abcdefghjkmnpqrs";
  record.time = sys_days{year{2026} / 3 / 1} + hours(9) + microseconds(125);
  record.client_ip = "192.0.2.7";
  record.key_name = "ci";
  record.team = "support";
  record.project = "bot";
  record.user = "ada";
  record.metadata = R"({"owner":"search"})";
  record.method = "POST";
  record.path = "/v1/chat/completions";
  record.operation = "chat";
  record.model_asked = "default";
  record.model_sent = "gpt-5.6-mini";
  record.provider = "openai";
  record.status = 200;
  record.streamed = true;
  record.bytes_in = 1234;
  record.bytes_out = 56789;
  record.attempts = 2;
  record.usage_known = true;
  record.tokens = {.prompt = 11, .completion = 22, .total = 33, .cached = 4, .reasoning = 5};
  record.time_to_first_byte_us = 1500;
  record.duration_us = 250000;
  record.overhead_us = 40;
  return record;
}

}  // namespace gatehouse::observe
