#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/dialects/api_error.h"

// Gemini's resumable uploads as callers speak them (ai.google.dev/api/files, and what @google/genai 3.1 sends): a first
// request with "x-goog-upload-command: start" is answered with an address in x-goog-upload-url, to which the bytes go
// in further requests. The gateway hands out addresses of its own, whose upload_id is a ticket
// (state/upload_tickets.h).
namespace gatehouse::dialects::gemini {

// The one path of uploads, of the first step and of all others.
inline constexpr std::string_view kUploadPath = "/upload/v1beta/files";

// The fields of a request that say what it is in an upload; each may be given once.
inline constexpr std::array<std::string_view, 4> kUploadFields = {
    "x-goog-upload-protocol", "x-goog-upload-command", "x-goog-upload-offset", "x-goog-upload-header-content-length"};
// Their values; empty: not given.
struct UploadFields {
  std::string_view protocol;
  std::string_view command;
  std::string_view offset;
  std::string_view size;
};

// One request of an upload.
struct UploadStep {
  bool start = false;        // the first; its body is JSON that describes the file
  bool sends_bytes = false;  // "upload": the body is a part of the file
  std::string ticket;        // of a later step, as the gateway made it; not checked here
  std::uint64_t offset = 0;  // of the part in the file, in bytes
  std::uint64_t size = 0;    // start: the whole file's, as far as told; 0: not told
};

// Errors (invalid_request, with `param`): no command or one that is not known, the upload_id given twice, a number that
// is none, a first step that names an upload or a later one that names none; unsupported: another protocol than
// "resumable". All of the query but upload_id (and the caller's key) means nothing and goes no further.
ApiResult<UploadStep> read_upload_step(const UploadFields& fields, std::string_view query);

// The address that the caller is given: `origin` is "https://host", the ticket has letters, digits, '-' and '_' only.
std::string upload_address(std::string_view origin, std::string_view ticket);

}  // namespace gatehouse::dialects::gemini
