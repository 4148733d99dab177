#include "gatehouse/app/migrate/litellm.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "gatehouse/app/migrate/litellm_tables.h"
#include "gatehouse/app/migrate/yaml.h"
#include "gatehouse/base/strings.h"
#include "gatehouse/config/base_url.h"
#include "gatehouse/config/units.h"

namespace gatehouse::app::migrate {
namespace {

using config::Entry;
using config::Node;

constexpr std::string_view kFromEnvironment = "os.environ/";
constexpr std::string_view kOpenAiUrl = "https://api.openai.com/v1";
constexpr std::size_t kLeastKey = 12;  // govern::kMinKeySize

bool visible(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// The variable that a value refers to; nothing: it is no reference.
std::optional<std::string_view> variable(std::string_view text) {
  if (!text.starts_with(kFromEnvironment)) return std::nullopt;
  return text.substr(kFromEnvironment.size());
}

bool good_variable(std::string_view name) {
  return !name.empty() && !base::is_digit(name.front()) && std::ranges::all_of(name, [](char c) {
    return base::is_digit(c) || c == '_' || (base::lower(c) >= 'a' && base::lower(c) <= 'z');
  });
}

std::string reference(std::string_view name) { return yaml_string("${" + std::string(name) + "}"); }

std::optional<double> number(const Node* node) {
  if (node == nullptr || node->kind != Node::Kind::scalar || node->text.empty()) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(node->text.c_str(), &end);
  if (*end != '\0' || !std::isfinite(value)) return std::nullopt;
  return value;
}

// One of ours, its values as YAML.
struct Provider {
  std::string name;
  std::string kind;
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<std::pair<std::string, std::string>> headers;

  bool same(const Provider& other) const {
    return kind == other.kind && fields == other.fields && headers == other.headers;
  }
};

struct Target {
  std::string provider;
  std::string model;
  double weight = 1;
};

struct Model {
  std::string name;
  std::vector<Target> targets;
  std::vector<std::string> comments;    // of what was left out
  std::optional<std::string> weigh_by;  // what the first deployment has: weight, rpm or tpm
  std::size_t deployments = 0;
};

class Converter {
 public:
  Imported run(const Node& root) {
    credentials(root.find("credential_list"));
    router(root.find("router_settings"));
    section("litellm_settings", root.find("litellm_settings"), known_litellm_setting);
    if (const Node* list = root.find("model_list"); list != nullptr) model_list(*list);
    aliases();
    general(root.find("general_settings"));
    for (const Entry& entry : root.entries) {
      static constexpr std::string_view kRead[] = {"credential_list", "general_settings", "litellm_settings",
                                                   "model_list", "router_settings"};
      // Names with `x-` hold what others refer to with an alias.
      if (entry.key.starts_with("x-") || std::ranges::find(kRead, entry.key) != std::end(kRead)) continue;
      report_known(entry, entry.key, known_section);
    }
    write();
    std::multimap<std::size_t, Note> by_line;  // keeps the order of equals
    for (Note& one : out_.notes) by_line.emplace(one.line, std::move(one));
    out_.notes.clear();
    for (auto& [line, one] : by_line) out_.notes.push_back(std::move(one));
    return std::move(out_);
  }

 private:
  using Known = const KnownSetting* (*)(std::string_view);

  void note(const Node& at, std::string path, Fate fate, std::string text) {
    out_.notes.push_back({.line = static_cast<std::size_t>(std::max(at.place.line, 0)),
                          .path = std::move(path),
                          .fate = fate,
                          .text = std::move(text)});
  }

  void report_known(const Entry& entry, std::string path, Known known) {
    Node at;
    at.place = entry.place;
    const bool off = entry.value.kind == Node::Kind::null ||
                     (entry.value.kind == Node::Kind::scalar && base::equals_ignore_case(entry.value.text, "false"));
    const KnownSetting* const setting = known(entry.key);
    if (setting == nullptr) {
      note(at, std::move(path), off ? Fate::dropped : Fate::important,
           "not known to this command; see what it did there");
    } else {
      // What is switched off is not missed.
      note(at, std::move(path), off && setting->fate == Fate::important ? Fate::dropped : setting->fate,
           std::string(setting->text));
    }
  }

  void section(std::string_view name, const Node* node, Known known) {
    if (node == nullptr) return;
    for (const Entry& entry : node->entries) {
      const std::string path = std::string(name) + "." + entry.key;
      if (entry.key == "request_timeout" || (entry.key == "timeout" && name == "router_settings")) {
        request_timeout(entry.value, path);
      } else if (entry.key == "routing_strategy" || entry.key == "model_group_alias") {
        continue;
      } else {
        report_known(entry, path, known);
      }
    }
  }

  void request_timeout(const Node& node, const std::string& path) {
    const auto text = duration(node);
    if (!text) return note(node, path, Fate::important, "is no number of seconds from 0.1 to a day");
    request_timeout_ = *text;
    note(node, path, Fate::carried, "timeouts.request: " + *text);
  }

  static std::optional<std::string> duration(const Node& node) {
    const auto seconds = number(&node);
    if (!seconds || *seconds < 0.1 || *seconds > 86'400) return std::nullopt;
    return config::format_duration(std::chrono::milliseconds(std::llround(*seconds * 1000)));
  }

  void router(const Node* node) {
    if (node == nullptr) return;
    section("router_settings", node, known_router_setting);
    if (const Node* strategy = node->find("routing_strategy")) {
      const bool simple = strategy->text == "simple-shuffle";
      enforces_rates_ = strategy->text.starts_with("usage-based-routing");
      note(*strategy, "router_settings.routing_strategy", simple ? Fate::carried : Fate::important,
           simple ? "strategy: weighted" : "targets are chosen by weight; other strategies are not available yet");
    }
    alias_map_ = node->find("model_group_alias");
  }

  void credentials(const Node* list) {
    if (list == nullptr) return;
    for (const Node& item : list->items) {
      const Node* const name = item.find("credential_name");
      const Node* const values = item.find("credential_values");
      if (name != nullptr && values != nullptr) credentials_[name->text] = values;
    }
  }

  // --- models

  void model_list(const Node& list) {
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      deployment(list.items[i], "model_list[" + std::to_string(i) + "]");
    }
  }

  Model& model_named(const std::string& name) {
    const auto found = std::ranges::find(models_, name, &Model::name);
    if (found != models_.end()) return *found;
    models_.push_back({.name = name, .targets = {}, .comments = {}, .weigh_by = {}});
    return models_.back();
  }

  void deployment(const Node& node, const std::string& path) {
    const Node* const name = node.find("model_name");
    const Node* const parameters = node.find("litellm_params");
    if (name == nullptr || parameters == nullptr || parameters->find("model") == nullptr) {
      return note(node, path, Fate::important, "has no `model_name` or no `litellm_params.model`");
    }
    if (const auto star = name->text.find('*'); !visible(name->text) || name->text.size() > 256 ||
                                                (star != std::string::npos && star + 1 != name->text.size())) {
      return note(*name, path + ".model_name", Fate::important,
                  "a name is visible ASCII without spaces, at most 256 characters, with `*` at its end only");
    }
    Model& model = model_named(name->text);
    Node merged = *parameters;
    take_credential(merged, path);
    const std::string within = path + ".litellm_params";
    const bool first = model.deployments++ == 0;
    if (first) model.weigh_by = weighed_by(merged);
    const auto target = make_target(model, merged, within);
    for (const Entry& entry : merged.entries) report_parameter(entry, within, target.has_value());
    if (const Node* info = node.find("model_info")) report_info(*info, path + ".model_info");
    if (target) model.targets.push_back(*target);
  }

  static std::optional<std::string> weighed_by(const Node& parameters) {
    for (const auto* field : {"weight", "rpm", "tpm"}) {
      if (number(parameters.find(field))) return field;
    }
    return std::nullopt;
  }

  void take_credential(Node& parameters, const std::string& path) {
    const Node* const name = parameters.find("litellm_credential_name");
    if (name == nullptr) return;
    const auto found = credentials_.find(name->text);
    if (found == credentials_.end()) {
      return note(*name, path + ".litellm_params.litellm_credential_name", Fate::important,
                  "no such credential in the file's `credential_list`");
    }
    for (const Entry& entry : found->second->entries) {
      if (parameters.find(entry.key) == nullptr) parameters.entries.push_back(entry);
    }
  }

  std::optional<Target> make_target(Model& model, const Node& parameters, const std::string& path) {
    const Node& node = *parameters.find("model");
    const auto left_out = [&](std::string why) -> std::optional<Target> {
      model.comments.push_back(node.text + ": " + why);
      note(node, path + ".model", Fate::important, std::move(why));
      return std::nullopt;
    };
    if (!visible(node.text) || variable(node.text)) return left_out("is not the name of a model");
    std::string upstream = node.text;
    std::string kind;
    if (const Node* given = parameters.find("custom_llm_provider")) {
      kind = given->text;
      if (upstream.starts_with(kind + "/")) upstream.erase(0, kind.size() + 1);
    } else if (const auto slash = upstream.find('/'); slash != std::string::npos) {
      kind = upstream.substr(0, slash);
      upstream.erase(0, slash + 1);
    } else {
      kind = inferred_provider(upstream);
    }
    if (kind == "text-completion-openai") kind = "openai";
    const CompatibleProvider* const compatible = compatible_provider(kind);
    if (kind != "openai" && compatible == nullptr) {
      return left_out(foreign_provider(kind) ? "the provider `" + kind + "` is not supported yet"
                                             : "LiteLLM's provider for it is not known to this command");
    }
    if (upstream.empty() || upstream.size() > 256) return left_out("is not the name of a model");
    if (upstream.find('*') != std::string::npos &&
        (!model.name.ends_with('*') || std::ranges::count(upstream, '*') > 1)) {
      return left_out("has `*` where the model's name has none");
    }
    if (kind == "fireworks_ai" && upstream.find('/') == std::string::npos && upstream != "*") {
      upstream = "accounts/fireworks/models/" + upstream;
    }
    Provider provider;
    if (auto why = make_provider(kind, compatible, parameters, path, provider); !why.empty()) return left_out(why);
    Target target{.provider = {}, .model = upstream};
    if (model.weigh_by) {
      // There a deployment without the number that the first one has gets no requests.
      target.weight = number(parameters.find(*model.weigh_by)).value_or(0);
      if (target.weight <= 0) return left_out("has no `" + *model.weigh_by + "`, so it never gets a request there");
    }
    target.provider = provider_like(std::move(provider));
    note(node, path + ".model", Fate::carried, "provider " + target.provider + ", model " + upstream);
    return target;
  }

  // Empty, or why it cannot be one of ours.
  std::string make_provider(const std::string& kind, const CompatibleProvider* compatible, const Node& parameters,
                            const std::string& path, Provider& out) {
    const Node* base = parameters.find("api_base");
    const std::string base_path = path + (base != nullptr ? ".api_base" : ".base_url");
    if (base == nullptr) base = parameters.find("base_url");
    if (base != nullptr && base->text.empty()) base = nullptr;
    std::string url = compatible != nullptr ? std::string(compatible->base_url) : std::string();
    bool own_address = base == nullptr;
    out.name = kind;
    if (base != nullptr) {
      if (const auto name = variable(base->text)) {
        if (!good_variable(*name)) return "its address is not the name of a variable";
        url = "${" + std::string(*name) + "}";
        if (compatible != nullptr && compatible->add_v1) url += "/v1";
        if (kind == "openai") out.name = "openai-compatible";
      } else {
        const auto parsed = config::parse_base_url(base->text);
        if (!parsed) return "its address " + parsed.error().detail;
        url = parsed->to_string();
        if (compatible != nullptr && compatible->add_v1 && !url.ends_with("/v1")) url += "/v1";
        own_address = kind == "openai" ? url == kOpenAiUrl : compatible != nullptr && url == compatible->base_url;
        if (!own_address && kind == "openai") out.name = parsed->host;
      }
      note(*base, base_path, Fate::carried, "base_url");
    }
    out.kind = kind == "openai" && own_address ? "openai" : "openai_compatible";
    if (out.kind == "openai_compatible") {
      if (url.empty()) return "has no `api_base`, and the provider has no address of its own";
      out.fields.emplace_back("base_url", yaml_string(url));
    }
    if (auto why = api_key(compatible, own_address, parameters, path, out); !why.empty()) return why;
    if (const Node* organization = parameters.find("organization"); organization != nullptr) {
      const auto name = variable(organization->text);
      out.fields.emplace_back("organization", name ? reference(*name) : literal(organization->text));
      note(*organization, path + ".organization", Fate::carried, "organization");
    }
    timeouts(parameters, path, out);
    headers(parameters.find("extra_headers"), path + ".extra_headers", out);
    return {};
  }

  std::string api_key(const CompatibleProvider* compatible, bool own_address, const Node& parameters,
                      const std::string& path, Provider& out) {
    const Node* const key = parameters.find("api_key");
    if (key != nullptr && !key->text.empty()) {
      if (const auto name = variable(key->text)) {
        if (!good_variable(*name)) return "its key is not the name of a variable";
        out.fields.emplace_back("api_key", reference(*name));
        note(*key, path + ".api_key", Fate::carried, "api_key");
        return {};
      }
      if (!visible(key->text) || key->text.starts_with("file:"))
        return "its key has characters that no header may hold";
      out.fields.emplace_back("api_key", literal(key->text));
      note(*key, path + ".api_key", Fate::warning, "a secret in clear; put it into a variable or a file");
      return {};
    }
    // The key of one service is not sent to the address of another.
    const std::string_view from = compatible != nullptr ? compatible->key_variable : "OPENAI_API_KEY";
    if (from.empty()) return {};
    if (own_address) {
      out.fields.emplace_back("api_key", reference(from));
      note(parameters, path, Fate::carried, "api_key from the variable " + std::string(from) + ", as there");
    } else {
      note(parameters, path, Fate::important,
           "has no `api_key`; there the variable " + std::string(from) +
               " is sent to this address too, here nothing is");
    }
    return {};
  }

  void timeouts(const Node& parameters, const std::string& path, Provider& out) {
    const Node* const stream = parameters.find("stream_timeout");
    const Node* const whole = parameters.find("timeout");
    const Node* const used = stream != nullptr ? stream : whole;
    if (used == nullptr) return;
    const auto text = duration(*used);
    if (text) out.fields.emplace_back("timeouts", "{ first_byte: " + *text + ", between_bytes: " + *text + " }");
    for (const auto& [node, field] : {std::pair{stream, "stream_timeout"}, std::pair{whole, "timeout"}}) {
      if (node == nullptr) continue;
      if (!text) {
        note(*node, path + "." + field, Fate::important, "is no number of seconds from 0.1 to a day");
      } else if (node == used) {
        note(*node, path + "." + field, Fate::replaced,
             "timeouts.first_byte and timeouts.between_bytes of the provider");
      } else {
        note(*node, path + "." + field, Fate::replaced,
             "the provider's timeouts are from `stream_timeout`; see `timeouts`");
      }
    }
  }

  void headers(const Node* node, const std::string& path, Provider& out) {
    if (node == nullptr) return;
    bool clear = false;
    for (const Entry& entry : node->entries) {
      const auto name = variable(entry.value.text);
      if (!visible(entry.key) || entry.value.kind != Node::Kind::scalar) {
        note(entry.value, path + "." + entry.key, Fate::important, "is no header field");
        continue;
      }
      out.headers.emplace_back(yaml_string(entry.key), name ? reference(*name) : literal(entry.value.text));
      clear = clear || !name;
    }
    note(*node, path, clear ? Fate::warning : Fate::carried,
         clear ? "headers; values in clear: put secrets into a variable or a file" : "headers");
  }

  std::string provider_like(Provider&& provider) {
    for (const Provider& other : providers_) {
      if (other.same(provider)) return other.name;
    }
    std::ranges::replace_if(
        provider.name,
        [](char c) {
          return !base::is_digit(c) && !(base::lower(c) >= 'a' && base::lower(c) <= 'z') && c != '.' && c != '-' &&
                 c != '_';
        },
        '-');
    const std::string stem = provider.name.substr(0, 56);
    provider.name = stem;
    for (int i = 2; std::ranges::find(providers_, provider.name, &Provider::name) != providers_.end(); ++i) {
      provider.name = stem + "-" + std::to_string(i);
    }
    providers_.push_back(std::move(provider));
    return providers_.back().name;
  }

  void report_parameter(const Entry& entry, const std::string& path, bool carried) {
    static constexpr std::string_view kUsed[] = {
        "model",         "api_base", "base_url",     "api_key",        "custom_llm_provider",
        "extra_headers", "timeout",  "organization", "stream_timeout", "litellm_credential_name"};
    if (std::ranges::find(kUsed, entry.key) != std::end(kUsed)) return;
    const std::string at = path + "." + entry.key;
    if (!carried) return;  // said of the model as a whole
    if (entry.key == "weight") return note(entry.value, at, Fate::carried, "weight");
    if (entry.key == "rpm" || entry.key == "tpm") {
      return note(entry.value, at, enforces_rates_ ? Fate::important : Fate::replaced,
                  enforces_rates_ ? "taken as weight only; a limit of the deployment's rate is not carried over"
                                  : "taken as weight, which is all that simple-shuffle does with it");
    }
    report_known(entry, at, known_model_parameter);
  }

  void report_info(const Node& info, const std::string& path) {
    for (const Entry& entry : info.entries) {
      Node at;
      at.place = entry.place;
      const bool price = entry.key.find("cost_per") != std::string::npos;
      const bool access = entry.key == "access_groups" || entry.key == "team_id";
      std::string text = "what is known of models is the gateway's own catalogue";
      if (price) text = "prices of your own are not carried over; set them in the gateway's price table";
      if (access) text = "who may use a model is set on each key (`models`)";
      note(at, path + "." + entry.key, price || access ? Fate::important : Fate::dropped, std::move(text));
    }
  }

  void aliases() {
    if (alias_map_ == nullptr) return;
    for (const Entry& entry : alias_map_->entries) {
      const Node* target = &entry.value;
      if (target->kind == Node::Kind::map) target = target->find("model");
      const std::string path = "router_settings.model_group_alias." + entry.key;
      const auto model = target == nullptr ? models_.end() : std::ranges::find(models_, target->text, &Model::name);
      const bool taken = std::ranges::find(models_, entry.key, &Model::name) != models_.end();
      if (model == models_.end() || model->targets.empty() || model->name.ends_with('*') || taken ||
          !visible(entry.key) || entry.key.find('*') != std::string::npos) {
        note(entry.value, path, Fate::important,
             "its model is not in the new file, or its name is taken or not possible");
        continue;
      }
      Model alias = *model;
      alias.name = entry.key;
      alias.comments.clear();
      models_.push_back(std::move(alias));
      note(entry.value, path, Fate::carried, "a model with the same targets");
    }
  }

  // --- general settings

  void general(const Node* node) {
    const Node* const master = node == nullptr ? nullptr : node->find("master_key");
    if (node != nullptr) {
      for (const Entry& entry : node->entries) {
        if (entry.key != "master_key") report_known(entry, "general_settings." + entry.key, known_general_setting);
      }
    }
    constexpr const char* kPath = "general_settings.master_key";
    if (master == nullptr || master->text.empty()) {
      note(Node{}, kPath, Fate::important,
           "there is none, so everyone may call there; here a key is asked for: make one with `gatehouse key new`");
      return;
    }
    const auto name = variable(master->text);
    if (name && good_variable(*name)) {
      master_key_ = reference(*name);
      note(*master, kPath, Fate::carried, "a key for callers (12 characters or more); it opens no admin API here");
    } else if (name || master->text.size() < kLeastKey || !visible(master->text) || master->text.starts_with("file:")) {
      note(*master, kPath, Fate::important,
           "is shorter than 12 characters or not possible here; make a key with `gatehouse key new`");
    } else {
      master_key_ = literal(master->text);
      note(*master, kPath, Fate::warning,
           "a key for callers, and a secret in clear: put it into a variable or a file; it opens no admin API here");
    }
  }

  // --- what comes out

  // Whole numbers in the same ratio, 1 to a million.
  static std::vector<std::uint64_t> weights_of(const Model& model) {
    double largest = 0;
    bool whole = true;
    for (const Target& target : model.targets) {
      largest = std::max(largest, target.weight);
      whole = whole && target.weight == std::floor(target.weight) && target.weight <= 1e6;
    }
    const double scale = whole ? 1 : std::min(1000.0, 1e6 / largest);
    std::vector<std::uint64_t> weights;
    std::uint64_t divisor = 0;
    for (const Target& target : model.targets) {
      weights.push_back(static_cast<std::uint64_t>(std::max(1LL, std::llround(target.weight * scale))));
      divisor = std::gcd(divisor, weights.back());
    }
    for (auto& weight : weights) weight /= divisor;
    return weights;
  }

  void write() {
    std::string& out = out_.yaml;
    out +=
        "# Made from a LiteLLM configuration. What is missing here was reported when it was made.\n"
        "# LiteLLM listens on every address, port 4000; the same here:\n"
        "# listen: { api: 0.0.0.0:4000 }\n";
    if (!request_timeout_.empty()) out += "timeouts: { request: " + request_timeout_ + " }\n";
    if (!providers_.empty()) out += "providers:\n";
    for (const Provider& provider : providers_) {
      out += "  - name: " + yaml_string(provider.name) + "\n    kind: " + provider.kind + "\n";
      for (const auto& [field, value] : provider.fields)
        out.append("    ").append(field).append(": ").append(value) += '\n';
      if (!provider.headers.empty()) out += "    headers:\n";
      for (const auto& [field, value] : provider.headers)
        out.append("      ").append(field).append(": ").append(value) += '\n';
    }
    out_.providers = providers_.size();
    const bool any = std::ranges::any_of(models_, [](const Model& model) { return !model.targets.empty(); });
    if (any) out += "models:\n";
    for (const Model& model : models_) write_model(model);
    if (!master_key_.empty()) out += "keys:\n  - { name: litellm-master, key: " + master_key_ + " }\n";
  }

  void write_model(const Model& model) {
    std::string& out = out_.yaml;
    if (!model.targets.empty()) {
      ++out_.models;
      out += "  - name: " + literal(model.name) + "\n    targets:\n";
      const auto weights = weights_of(model);
      for (std::size_t i = 0; i < model.targets.size(); ++i) {
        out += "      - { provider: " + yaml_string(model.targets[i].provider) +
               ", model: " + literal(model.targets[i].model);
        if (weights[i] != 1 || model.targets.size() > 1) out += ", weight: " + std::to_string(weights[i]);
        out += " }\n";
      }
    }
    // Names are visible ASCII: no comment can break out of its line.
    for (const std::string& comment : model.comments) {
      out += (model.targets.empty() ? "  # not carried over: " + model.name + ": " : "      # not carried over: ") +
             comment + "\n";
    }
  }

  Imported out_;
  std::vector<Provider> providers_;
  std::vector<Model> models_;
  std::map<std::string, const Node*, std::less<>> credentials_;
  const Node* alias_map_ = nullptr;
  std::string request_timeout_;
  std::string master_key_;
  bool enforces_rates_ = false;
};

}  // namespace

std::string_view name(Fate fate) {
  switch (fate) {
    case Fate::carried:
      return "carried";
    case Fate::replaced:
      return "replaced";
    case Fate::dropped:
      return "dropped";
    case Fate::important:
      return "important";
    case Fate::warning:
      break;
  }
  return "warning";
}

bool Imported::important() const {
  return std::ranges::any_of(notes, [](const Note& note) { return note.fate == Fate::important; });
}

Result<Imported> from_litellm(std::string_view yaml) {
  const auto root = read_yaml(yaml);
  if (!root) return std::unexpected(root.error());
  if (root->kind != Node::Kind::map) return fail(Code::configuration, "the file is not a map of settings");
  return Converter().run(*root);
}

}  // namespace gatehouse::app::migrate
