#include "gatehouse/ml/service/reading_memory.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "gatehouse/crypto/hmac.h"

namespace gatehouse::ml {
namespace {

// Of an entry beside its reading: two nodes, the reference count, the index.
constexpr std::size_t kAround = 192;

std::size_t bytes_of(const Reading& reading) {
  return kAround + sizeof(Reading) + reading.entities.capacity() * sizeof(EntitySpan) +
         reading.embedding.capacity() * sizeof(float);
}

}  // namespace

std::uint64_t reader_number(std::string_view of) {
  const crypto::Digest digest = crypto::sha256(of);
  std::uint64_t number = 0;
  std::memcpy(&number, digest.data(), sizeof number);
  return number;
}

ReadingMemory::ReadingMemory(std::size_t most, std::size_t most_bytes)
    : most_((most + kParts - 1) / kParts), most_bytes_(most_bytes / kParts) {}

std::shared_ptr<const Reading> ReadingMemory::find(const TextKey& key) {
  Part& in = part(key);
  const std::scoped_lock lock(in.mutex);
  const auto place = in.places.find(key);
  if (place == in.places.end()) return nullptr;
  in.entries.splice(in.entries.begin(), in.entries, place->second);
  return place->second->reading;
}

void ReadingMemory::put(const TextKey& key, std::shared_ptr<const Reading> reading) {
  const std::size_t bytes = bytes_of(*reading);
  if (bytes > most_bytes_ || most_ == 0) return;
  // Freed after the lock.
  std::list<Entry> gone;
  std::list<Entry> made;
  made.push_back(Entry{key, std::move(reading), bytes});
  Part& in = part(key);
  const std::scoped_lock lock(in.mutex);
  const auto [place, added] = in.places.try_emplace(key, made.begin());
  if (!added) {
    in.bytes -= place->second->bytes;
    gone.splice(gone.begin(), in.entries, place->second);
    place->second = made.begin();
  }
  in.entries.splice(in.entries.begin(), made);
  in.bytes += bytes;
  while (in.entries.size() > most_ || in.bytes > most_bytes_) {
    const auto last = std::prev(in.entries.end());
    in.bytes -= last->bytes;
    in.places.erase(last->key);
    gone.splice(gone.begin(), in.entries, last);
  }
}

std::size_t ReadingMemory::size() const {
  std::size_t sum = 0;
  for (const Part& in : parts_) {
    const std::scoped_lock lock(in.mutex);
    sum += in.entries.size();
  }
  return sum;
}

std::size_t ReadingMemory::bytes() const {
  std::size_t sum = 0;
  for (const Part& in : parts_) {
    const std::scoped_lock lock(in.mutex);
    sum += in.bytes;
  }
  return sum;
}

void add_missing(Reading& into, const Reading& from) {
  const Wants taken = from.answers.without(into.answers);
  if (taken.empty()) return;
  const bool first = into.answers.empty();
  if (taken.has(Want::injection)) {
    into.injection = from.injection;
    into.begin = from.begin;
    into.end = from.end;
  }
  if (taken.has(Want::harmful)) into.harmful = from.harmful;
  if (taken.has(Want::entities)) {
    into.entities = from.entities;
    into.owner = from.owner;
  }
  if (taken.has(Want::embedding)) into.embedding = from.embedding;
  into.answers = into.answers | taken;
  into.settled = (first || into.settled) && from.settled;
  into.partial = into.partial || from.partial;
}

std::shared_ptr<const Reading> merge(const std::shared_ptr<const Reading>& older,
                                     const std::shared_ptr<const Reading>& newer) {
  if (!older) return newer;
  if (!newer || newer->answers.covers(older->answers)) return newer ? newer : older;
  auto both = std::make_shared<Reading>(*newer);
  add_missing(*both, *older);
  return both;
}

}  // namespace gatehouse::ml
