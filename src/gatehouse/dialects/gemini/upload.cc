#include "gatehouse/dialects/gemini/upload.h"

#include <algorithm>
#include <array>
#include <optional>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/gemini/query.h"

namespace gatehouse::dialects::gemini {
namespace {

constexpr std::string_view kProtocol = kUploadFields[0];
constexpr std::string_view kCommand = kUploadFields[1];
constexpr std::string_view kOffset = kUploadFields[2];
constexpr std::string_view kSize = kUploadFields[3];
constexpr std::string_view kTicket = "upload_id";

enum : unsigned { kStart = 1, kUpload = 2, kFinalize = 4, kQuery = 8, kCancel = 16 };
struct Word {
  std::string_view name;
  unsigned bit;
};
constexpr std::array kWords = {Word{"start", kStart}, Word{"upload", kUpload}, Word{"finalize", kFinalize},
                               Word{"query", kQuery}, Word{"cancel", kCancel}};

// The commands as a set of bits; 0: something else is in it, or one of them twice.
unsigned commands_in(std::string_view text) {
  unsigned found = 0;
  while (true) {
    const auto comma = text.find(',');
    const std::string_view one = base::trim(text.substr(0, comma));
    const auto* const word =
        std::ranges::find_if(kWords, [one](const Word& known) { return base::equals_ignore_case(known.name, one); });
    if (word == kWords.end() || (found & word->bit) != 0) return 0;
    found |= word->bit;
    if (comma == std::string_view::npos) return found;
    text.remove_prefix(comma + 1);
  }
}

std::unexpected<ApiError> wrong(std::string_view field, std::string_view what) {
  return refuse(Code::invalid_request, std::string(field) + ": " + std::string(what), std::string(field));
}

ApiResult<std::uint64_t> number_in(std::string_view text, std::string_view name) {
  if (text.empty()) return 0;
  const auto number = base::parse_u64(text);
  if (!number) return wrong(name, "expected a number of bytes");
  return *number;
}

}  // namespace

ApiResult<UploadStep> read_upload_step(const UploadFields& fields, std::string_view query) {
  UploadStep step;
  std::size_t tickets = 0;
  each_parameter(query, [&](std::string_view name, std::string_view value) {
    if (name != kTicket) return;
    ++tickets;
    step.ticket = value;
  });
  if (tickets > 1) return wrong(kTicket, "given twice");
  if (!fields.protocol.empty() && !base::equals_ignore_case(fields.protocol, "resumable")) {
    return refuse(Code::unsupported,
                  "Files are uploaded through the gateway with the resumable protocol only "
                  "(X-Goog-Upload-Protocol: resumable); another was asked for",
                  std::string(kProtocol));
  }
  const unsigned commands = commands_in(fields.command);
  switch (commands) {
    case kStart:
      if (fields.protocol.empty()) return wrong(kProtocol, "field required: resumable");
      if (tickets > 0) return wrong(kTicket, "an upload that starts has none yet");
      step.start = true;
      break;
    case kUpload:
    case kUpload | kFinalize:
      step.sends_bytes = true;
      break;
    case kFinalize:
    case kQuery:
    case kCancel:
      break;
    default:
      return wrong(kCommand, "expected start, upload, finalize, query or cancel; upload and finalize may be one step");
  }
  if (!step.start && step.ticket.empty()) {
    return wrong(kTicket, "field required: send this step to the address that the first was answered with");
  }
  const auto offset = number_in(fields.offset, kOffset);
  if (!offset) return std::unexpected(offset.error());
  const auto size = number_in(fields.size, kSize);
  if (!size) return std::unexpected(size.error());
  step.offset = *offset;
  step.size = *size;
  return step;
}

std::string upload_address(std::string_view origin, std::string_view ticket) {
  std::string address(origin);
  address.append(kUploadPath).append("?upload_id=").append(ticket).append("&upload_protocol=resumable");
  return address;
}

}  // namespace gatehouse::dialects::gemini
