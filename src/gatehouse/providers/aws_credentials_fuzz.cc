// Whatever metadata services, STS or files say: no crash, and what is taken as credentials can go into a head.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gatehouse/providers/aws/credentials.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::providers::aws;

void require(bool condition) {
  if (!condition) std::abort();
}

bool safe(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

void check(const Credentials& credentials) {
  require(!credentials.empty() && safe(credentials.access_key_id) && safe(credentials.session_token.reveal()));
}

template <class Read>
void check_answer(const Read& read) {
  if (read) {
    check(*read);
  } else {
    require(read.error().code == Code::upstream_credentials);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_answer(read_imds_credentials(bytes));
  check_answer(read_container_credentials(bytes));
  check_answer(read_assume_role(bytes));
  for (const std::string_view profile : {"default", "a"}) {
    const auto read = profile_from_file(bytes, profile);
    if (read && *read && !(*read)->credentials.empty()) check((*read)->credentials);
  }
  if (const auto token = read_imds_token(bytes)) require(safe(*token));
  if (const auto role = read_imds_role(bytes)) require(safe(*role) && role->find('/') == std::string::npos);
  if (parse_time(bytes)) require(bytes.size() >= 20);
  is_container_endpoint(bytes);
  if (const auto host = service_host("sts", bytes); !host.empty()) require(safe(host));
  return 0;
}
