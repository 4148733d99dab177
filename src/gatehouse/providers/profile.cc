#include "gatehouse/providers/profile.h"

#include <algorithm>

#include "gatehouse/crypto/sigv4.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/providers/quirks.h"

namespace gatehouse::providers {
namespace {

using config::ProviderKind;
using llm::Dialect;

// Where a dialect is that the kind does not have but the configuration names: below the same base URL where it is
// OpenAI's or Anthropic's, beside it under the version of its own otherwise.
Surface usual_surface(Dialect dialect, Auth auth) {
  switch (dialect) {
    case Dialect::gemini:
      return {.dialect = dialect, .path = "/v1beta", .beside = true, .auth = auth};
    case Dialect::cohere:
      return {.dialect = dialect, .path = "/v2", .beside = true, .auth = auth};
    case Dialect::ollama:
      return {.dialect = dialect, .path = "/api", .beside = true, .auth = auth};
    case Dialect::bedrock:
      return {.dialect = dialect, .path = {}, .beside = true, .auth = auth};
    default:
      return {.dialect = dialect, .path = {}, .beside = false, .auth = auth};
  }
}

// The dates of Azure's older interface; "v1" and "preview" belong to the one without.
bool is_dated(std::string_view version) { return version.size() > 4 && version[0] >= '0' && version[0] <= '9'; }

// What the API references of these show; any date from then on will do.
constexpr std::string_view kWatsonxVersion = "2024-05-31";

std::string json_member(std::string_view name, std::string_view value) {
  std::string out;
  json::append_quoted(out, name);
  out += ':';
  json::append_quoted(out, value);
  return out;
}

}  // namespace

std::shared_ptr<const Profile> Profile::make(const config::Provider& provider) {
  return std::shared_ptr<const Profile>(new Profile(provider));
}

Profile::Profile(const config::Provider& provider)
    : name_(provider.name), kind_(&kind_of(provider.kind)), operations_(kind_->operations), quirks_(*kind_->quirks) {
  places_.fill(kNone);
  std::vector<Surface> surfaces;
  for (const std::string& named : provider.speaks) {
    const auto dialect = llm::dialect_from_name(named);
    if (!dialect) continue;
    const auto known = std::ranges::find(kind_->speaks(), *dialect, &Surface::dialect);
    surfaces.push_back(known != kind_->speaks().end() ? *known : usual_surface(*dialect, kind_->surfaces[0].auth));
  }
  if (surfaces.empty()) surfaces.assign(kind_->speaks().begin(), kind_->speaks().end());
  // Where nothing stands beside the version, it stays with the base URL.
  root_ = provider.base_url.path;
  std::string version;
  for (const std::string_view ending : kind_->versions) {
    if (ending.empty() || !root_.ends_with(ending) || std::ranges::none_of(surfaces, &Surface::beside)) continue;
    version = ending;
    root_.resize(root_.size() - ending.size());
    break;
  }
  token_ = provider.oauth.has_value() || !provider.credentials.empty() || !provider.metadata_endpoint.empty() ||
           provider.kind == ProviderKind::watsonx;
  const bool is_signed = !kind_->aws_service.empty() && provider.aws.has_source();
  for (const Surface& surface : surfaces) {
    if (find(surface.dialect) != nullptr) continue;
    Spoken spoken{.dialect = surface.dialect, .auth = surface.auth, .prefix = {}};
    if (token_) {
      spoken.auth = Auth::bearer;
    } else if (is_signed) {
      spoken.auth = Auth::aws_v4;
    } else if (provider.api_key.empty()) {
      spoken.auth = Auth::none;
    }
    if (!surface.beside) spoken.prefix = version;
    spoken.prefix += surface.path;
    places_[static_cast<std::size_t>(surface.dialect)] = static_cast<std::uint8_t>(spoken_.size());
    spoken_.push_back(std::move(spoken));
  }
  settle_kind(provider);
  settle_quirks(provider);
}

void Profile::settle_kind(const config::Provider& provider) {
  switch (provider.kind) {
    case ProviderKind::azure:
      if (!provider.api_version.empty()) query_ = "api-version=" + provider.api_version;
      deployments_ = is_dated(provider.api_version);
      if (deployments_) {
        // The dated interface has chats by deployment only; Responses are the other's.
        std::erase_if(spoken_, [](const Spoken& spoken) { return spoken.dialect != Dialect::openai_chat; });
        if (spoken_.empty()) {
          spoken_.push_back({.dialect = Dialect::openai_chat, .auth = kind_->surfaces[0].auth, .prefix = {}});
        }
        places_.fill(kNone);
        for (std::size_t i = 0; i < spoken_.size(); ++i) {
          spoken_[i].prefix = "/openai";
          places_[static_cast<std::size_t>(spoken_[i].dialect)] = static_cast<std::uint8_t>(i);
        }
      }
      break;
    case ProviderKind::vertex:
      for (Spoken& spoken : spoken_) {
        spoken.prefix += "/projects/";
        crypto::append_uri_encoded(spoken.prefix, provider.project);
        spoken.prefix += "/locations/";
        crypto::append_uri_encoded(spoken.prefix, provider.location);
      }
      break;
    case ProviderKind::watsonx:
      query_ = "version=";
      query_ += provider.api_version.empty() ? kWatsonxVersion : std::string_view(provider.api_version);
      members_ = provider.space_id.empty() ? json_member("project_id", provider.project)
                                           : json_member("space_id", provider.space_id);
      quirks_.body_members = members_;
      break;
    case ProviderKind::anthropic:
      if (!provider.api_version.empty()) anthropic_version_ = provider.api_version;
      break;
    default:
      break;
  }
}

void Profile::settle_quirks(const config::Provider& provider) {
  for (const NamedMember& member : quirk_members()) {
    const auto is_it = [&](const std::string& name) { return name == member.name; };
    if (std::ranges::any_of(provider.refuses, is_it)) quirks_.refuses |= member.member;
    if (std::ranges::any_of(provider.takes, is_it)) quirks_.refuses &= ~static_cast<std::uint32_t>(member.member);
  }
  // In the order in which they are written: the last one holds.
  for (const std::string& name : provider.quirks) {
    for (const NamedQuirk& quirk : named_quirks()) {
      if (quirk.name == name) quirk.set(quirks_);
    }
  }
}

}  // namespace gatehouse::providers
