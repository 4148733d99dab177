// What redaction and restoring cost beside a request: prose without tokens must be all but free.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "gatehouse/guard/redact/redactor.h"
#include "gatehouse/guard/redact/restorer.h"
#include "gatehouse/guard/vault/vault.h"
#include "gatehouse/store/migrations.h"

namespace gatehouse::guard {
namespace {

constexpr base::WallTime kNow{std::chrono::seconds(1'800'000'000)};

struct World {
  World() {
    std::vector<MasterKey> masters;
    masters.push_back({.id = 1, .secret = base::Secret(std::string(32, 'k'))});
    keys = Keyring::make(std::move(masters)).value();
    auto database = store::open("sqlite::memory:").value();
    const auto components = std::to_array<store::Component>({Vault::component()});
    (void)store::migrate(*database, components, kNow);
    vault = Vault::open(std::move(database), keys, {.queue = 1UL << 20, .queue_bytes = 1UL << 30}).value();
  }
  RedactScope scope() const { return {.tenant = "team:support", .conversation = "c1", .owner = "u1"}; }
  std::shared_ptr<Keyring> keys;
  std::unique_ptr<Vault> vault;
};

std::string prose(std::size_t size, std::string_view piece) {
  std::string text;
  while (text.size() < size) text.append(piece);
  text.resize(size);
  return text;
}

void look(benchmark::State& state, const std::string& text, llm::SegmentKind kind) {
  const auto none = [](const TokenId&) -> std::optional<base::Secret> { return std::nullopt; };
  Restorer restorer(none);
  std::vector<Restoration> edits;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(restorer.look(text, 0, false, kind, edits));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}
void restore_prose(benchmark::State& state) {
  look(state, prose(static_cast<std::size_t>(state.range(0)), "The meeting is moved to Thursday, as everybody knows. "),
       llm::SegmentKind::text);
}
BENCHMARK(restore_prose)->Arg(20)->Arg(1000)->Arg(100'000);
void restore_code(benchmark::State& state) {
  look(state, prose(static_cast<std::size_t>(state.range(0)), "for (i = 0; i < n; ++i) sum[i] = a[i] * b[i][0];\n"),
       llm::SegmentKind::text);
}
BENCHMARK(restore_code)->Arg(1000)->Arg(100'000);
void restore_brackets(benchmark::State& state) { look(state, std::string(100'000, '['), llm::SegmentKind::text); }
BENCHMARK(restore_brackets);
void restore_beginnings(benchmark::State& state) {
  look(state, prose(100'000, "[PII:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA "), llm::SegmentKind::tool_arguments);
}
BENCHMARK(restore_beginnings);

// A text of 1 kB in which five values are tokens.
void restore_five(benchmark::State& state) {
  World world;
  Redaction redaction(world.keys.get(), world.vault.get(), world.scope(), kNow);
  std::string text;
  for (int i = 0; i < 5; ++i) {
    text += prose(150, "The meeting is moved to Thursday. ");
    text += *redaction.stand_in(Family::pii, "EMAIL", "ada" + std::to_string(i) + "@example.org", RedactStyle::token);
  }
  const auto lookup = [&](const TokenId& id) -> std::optional<base::Secret> {
    return std::move(world.vault->find_cached("team:support", "c1", id, kNow).value);
  };
  Restorer restorer(lookup);
  std::vector<Restoration> edits;
  for ([[maybe_unused]] auto _ : state) {
    edits.clear();
    benchmark::DoNotOptimize(restorer.look(text, 0, true, llm::SegmentKind::text, edits));
  }
}
BENCHMARK(restore_five);

void get(benchmark::State& state) {
  World world;
  VaultItem item{.tenant = "team:support",
                 .scope = "c1",
                 .owner = "u1",
                 .entity = "EMAIL",
                 .token = token_id_of(1),
                 .value = "ada@example.org"};
  (void)world.vault->put(item, kNow);
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(world.vault->find_cached("team:support", "c1", item.token, kNow));
  }
}
BENCHMARK(get);

void put_new(benchmark::State& state) {
  World world;
  std::uint64_t number = 0;
  VaultItem item{.tenant = "team:support",
                 .scope = "c1",
                 .owner = "u1",
                 .entity = "EMAIL",
                 .token = {},
                 .value = "ada@example.org"};
  for ([[maybe_unused]] auto _ : state) {
    item.token = token_id_of(++number * 0x9e3779b97f4a7c1U);
    if (!world.vault->put(item, kNow)) state.SkipWithError("the queue is full");
  }
}
BENCHMARK(put_new)->Iterations(200'000);

void stand_in(benchmark::State& state, RedactStyle style, std::string_view entity, std::string_view value) {
  World world;
  Redaction redaction(world.keys.get(), world.vault.get(), world.scope(), kNow);
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(redaction.stand_in(Family::pii, entity, value, style));
  }
}
BENCHMARK_CAPTURE(stand_in, placeholder, RedactStyle::placeholder, "EMAIL", "ada@example.org");
BENCHMARK_CAPTURE(stand_in, mask, RedactStyle::mask, "CREDIT_CARD", "4111-1111-1111-1111");
BENCHMARK_CAPTURE(stand_in, hash, RedactStyle::hash, "EMAIL", "ada@example.org");
BENCHMARK_CAPTURE(stand_in, known_token, RedactStyle::token, "EMAIL", "ada@example.org");
BENCHMARK_CAPTURE(stand_in, surrogate, RedactStyle::surrogate, "PERSON", "Ada Lovelace");
BENCHMARK_CAPTURE(stand_in, format_preserving, RedactStyle::format_preserving, "CREDIT_CARD", "4111-1111-1111-1111");
BENCHMARK_CAPTURE(stand_in, format_preserving_16k, RedactStyle::format_preserving, "X", std::string(16'384, 'x'));

// What the first finding of a request pays: keys of a tenant that is known, the MAC's context.
void first_token_of_a_request(benchmark::State& state) {
  World world;
  for ([[maybe_unused]] auto _ : state) {
    Redaction redaction(world.keys.get(), world.vault.get(), world.scope(), kNow);
    benchmark::DoNotOptimize(redaction.stand_in(Family::pii, "EMAIL", "ada@example.org", RedactStyle::token));
  }
}
BENCHMARK(first_token_of_a_request);

void keys_of_a_new_tenant(benchmark::State& state) {
  World world;
  std::uint64_t number = 0;
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(world.keys->tenant(std::to_string(++number)));
}
BENCHMARK(keys_of_a_new_tenant);

}  // namespace
}  // namespace gatehouse::guard
