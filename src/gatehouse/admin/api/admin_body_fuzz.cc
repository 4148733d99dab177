// Bodies and queries of the admin API, over a whole directory in memory. The first byte chooses the route; up to the
// first zero byte is the query, behind it the body. Whatever comes in: an answer that is valid JSON, and the key that
// was there before still opens the door, for no input may touch it.
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/admin/api/api.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/store/database.h"
#include "gatehouse/store/migrations.h"

namespace {

using namespace gatehouse;

void require(bool condition) {
  if (!condition) std::abort();
}

class NoSink final : public govern::LimitSink {
 public:
  Result<> check(govern::NodeKind, const std::vector<govern::Limit>&) override { return {}; }
  void set(const govern::Node&, std::vector<govern::Limit>) override {}
  void set_template(govern::NodeKind, std::vector<govern::Limit>) override {}
  std::vector<govern::LimitUse> uses(const govern::Node&) override { return {}; }
};

struct World {
  World() {
    const std::vector<store::Component> components{govern::DirectoryStore::component()};
    require(store::migrate(*database, components, clock.wall()).has_value());
    rows = std::move(*govern::DirectoryStore::open(*database));
    directory = std::move(*govern::Directory::open(*rows, {.clock = &clock, .random = base::Random(1)}));
    access = std::move(*govern::AdminAccess::open(*rows, *directory, clock, base::Random(2)));
    limits = std::move(*govern::LimitBook::open(*rows, *directory, sink, base::Random(3)));
    authorization = "Bearer " + std::string((**access->first_owner()).reveal());
    const govern::Author author{.id = "fuzz", .address = {}, .time = clock.wall()};
    auto made = directory->create_key({.kind = govern::NodeKind::org, .id = "default"}, {.name = "door 7c1f"}, author);
    key = std::string(made->key.reveal());
    api = std::make_unique<admin::Api>(
        admin::ApiServices{.store = *rows,
                           .directory = *directory,
                           .access = *access,
                           .limits = *limits,
                           .usage = nullptr,
                           .clock = clock,
                           .snapshot = [] { return std::make_shared<const config::Snapshot>(); }},
        admin::Api::Options{.host_names = {}, .version = "0"});
  }
  base::ManualClock clock;
  std::unique_ptr<store::Database> database = std::move(*store::open("sqlite::memory:"));
  std::unique_ptr<govern::DirectoryStore> rows;
  std::unique_ptr<govern::Directory> directory;
  std::unique_ptr<govern::AdminAccess> access;
  NoSink sink;
  std::unique_ptr<govern::LimitBook> limits;
  std::unique_ptr<admin::Api> api;
  std::string authorization;
  std::string key;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // A fresh one now and then: what inputs make must not grow without end.
  static std::unique_ptr<World> world;
  static int uses = 0;
  if (!world || ++uses % 2000 == 0) world = std::make_unique<World>();
  const auto routes = admin::Api::routes();
  const auto& route = routes[data[0] % routes.size()];
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto cut = text.find('\0');
  std::string path(route.path);
  if (const auto id = path.find("{id}"); id != path.npos) path.replace(id, 4, "org");
  admin::ApiRequest request;
  request.method = route.method;
  request.path = path;
  request.query = std::string_view(text).substr(0, cut);
  if (cut != text.npos) request.body = std::string_view(text).substr(cut + 1);
  request.host = "127.0.0.1";
  request.content_type = "application/json";
  request.authorization = world->authorization;
  request.from = base::Address::v4({127, 0, 0, 1});
  const auto response = world->api->handle(request);
  require(response.status >= 200 && response.status < 600 && response.status != 401 && response.status != 500);
  require(response.body.empty() ? response.status == 204 : json::validate(response.body).has_value());
  for (const auto& [name, value] : response.fields) require(http::valid_field_value(value));
  crypto::HmacSha256 hash(world->directory->hash_secret().reveal());
  require(world->directory->view()->authenticate(world->key, hash, world->clock.wall(), {}).has_value());
  return 0;
}
