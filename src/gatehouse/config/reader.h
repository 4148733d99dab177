#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gatehouse/config/fields.h"
#include "gatehouse/config/load.h"
#include "gatehouse/config/report.h"
#include "gatehouse/config/tree.h"

namespace gatehouse::config {

// Walks a tree along the tables and fills a Snapshot. Everything wrong goes to the report; a value that is wrong is
// left at its default, and the walk goes on. Made for one load, one thread; keeps references to all it is given.
class Reader {
 public:
  Reader(Snapshot& snapshot, const Environment& env, Report& report)
      : snapshot_(snapshot), env_(env), report_(report) {}

  // Reads a map by its table. `into` is the structure that the table's fields point into.
  void read_section(const Section& section, const Node& node, void* into);

  // The kinds. Nothing after a problem was reported.
  std::optional<bool> boolean(const Node& node);
  std::optional<std::uint64_t> integer(const Field& field, const Node& node);
  std::optional<std::uint64_t> size(const Field& field, const Node& node);
  std::optional<milliseconds> duration(const Field& field, const Node& node);
  std::optional<std::string> text(const Field& field, const Node& node);
  std::optional<base::Secret> secret(const Field& field, const Node& node);
  std::optional<int> choice(const Field& field, const Node& node);
  std::optional<std::string> input(const Node& node);
  std::optional<std::string> output(const Node& node);
  std::optional<std::string> path(const Node& node);
  std::optional<base::Endpoint> listen(const Node& node);
  std::optional<base::Cidr> block(const Node& node);
  std::optional<BaseUrl> url(const Node& node);
  std::optional<base::WallTime> time(const Node& node);
  std::optional<base::Money> decimal(const Field& field, const Node& node);
  std::optional<Scope> scope(const Field& field, const Node& node);
  // A path as it stands in a file, from that file's folder on.
  std::string resolve_path(const Node& node, const std::string& path) const;
  // Position in Snapshot::providers.
  std::optional<std::uint32_t> provider(const Node& node);

  // Calls `read(item)` for each item of a list with the path set to it. `node` may be null (no items).
  template <class F>
  void each(const Node& node, F&& read) {
    if (!check_list(node)) return;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const Step step(*this, i);
      read(node.items[i]);
    }
  }
  // Calls `read(entry)` for each entry of a map of free names.
  template <class F>
  void each_entry(const Node& node, F&& read) {
    if (!check_map(node)) return;
    for (const Entry& entry : node.entries) {
      const Step step(*this, entry.key);
      read(entry);
    }
  }

  // At the node, with the path as it stands; or at a field of the map `node` (the map itself where it has none).
  void problem(const Node& node, std::string message) { report_.problem(node.place, path_, std::move(message)); }
  void problem_at(const Node& node, std::string_view field, std::string message);
  void warning_at(const Node& node, std::string_view field, std::string message);

  // Reports a name that was given before in this list; remembers it otherwise. A provider must be the snapshot's last.
  enum class Names { providers, models, keys };
  void claim(Names list, const Node& node, const std::string& name);
  // Takes a name for something that the gateway adds itself.
  void claim_for(Names list, const std::string& name, std::string_view owner);

  Snapshot& snapshot() { return snapshot_; }
  Report& report() { return report_; }
  // Path and place of each of Snapshot::keys, for the comparison of all of them at the end.
  struct Spot {
    std::string path;
    Place place;
  };
  std::vector<Spot>& key_spots() { return key_spots_; }
  Spot spot_of(const Node& node, std::string_view field) const;

 private:
  // Appends `.name` or `[i]` to the path for its life.
  class Step {
   public:
    Step(Reader& reader, std::string_view name);
    Step(Reader& reader, std::size_t index);
    ~Step() { reader_.path_.resize(length_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Reader& reader_;
    std::size_t length_;
  };
  struct Scalar {
    std::string text;
    bool plain = false;       // may be a number or a boolean
    bool referenced = false;  // came from a variable or a file
    std::string shown;        // for messages: what stands in the configuration, never what a reference gave
  };
  enum class Use { open, secret };

  std::optional<Scalar> scalar(const Node& node, Use use = Use::open);
  std::optional<std::string> interpolate(const Node& node);
  std::optional<std::string> read_reference(const Node& node, const std::string& name, Use use);
  std::optional<std::string> words(const Field& field, const Node& node, Use use);
  void read_fields(const Section& section, const Node& node, void* into);
  std::uint32_t last_provider() const;
  bool check_list(const Node& node);
  bool check_map(const Node& node, const Section* section = nullptr);
  bool check_range(const Field& field, const Node& node, const Scalar& value, std::uint64_t number);

  struct Claim {
    Place place;
    std::string path;
    std::string owner;           // not empty: the gateway itself
    std::uint32_t position = 0;  // of a provider, in the snapshot
  };

  Snapshot& snapshot_;
  const Environment& env_;
  Report& report_;
  std::string path_;
  std::unordered_map<std::string, Claim> claims_[3];
  std::vector<Spot> key_spots_;
};

}  // namespace gatehouse::config
