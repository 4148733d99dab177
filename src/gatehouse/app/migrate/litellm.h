#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"

namespace gatehouse::app::migrate {

// What became of one setting of the other configuration.
enum class Fate : std::uint8_t {
  carried,    // it is in the new file
  replaced,   // something of ours does the same in another way; the note says what
  dropped,    // nothing of ours does this, and nobody who calls will notice
  important,  // nothing of ours does this (yet), and whoever relied on it must know
  warning,    // carried over, and something about it should be changed (a secret in clear)
};
std::string_view name(Fate fate);

struct Note {
  std::size_t line = 0;  // of the source, from 1; 0: none in particular
  std::string path;      // "model_list[2].litellm_params.rpm"
  Fate fate{};
  std::string text;  // never a secret
};

struct Imported {
  std::string yaml;         // passes `gatehouse check` once its environment variables are set
  std::vector<Note> notes;  // in the order of the source's lines
  std::size_t providers = 0;
  std::size_t models = 0;
  bool important() const;
};

// Turns a LiteLLM proxy configuration (config.yaml) into one of ours. Pure. What a setting means there is from
// LiteLLM's documentation ("All settings") and its source (which provider a model's name stands for, how simple-shuffle
// weighs). Secrets written in clear are carried over as they are: treat the result like the source. Errors
// (Code::configuration): not YAML, not a mapping, over config's bounds on size, number and depth.
Result<Imported> from_litellm(std::string_view yaml);

}  // namespace gatehouse::app::migrate
