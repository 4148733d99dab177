#pragma once

#include <string>
#include <string_view>

#include "gatehouse/base/error.h"
#include "gatehouse/config/tree.h"

// YAML of other gateways, read as they read it, and scalars of ours, written.
namespace gatehouse::app::migrate {

// The first document as config's tree, with aliases and merge keys (`<<`) resolved. Of a key given twice the last
// counts, as in most readers. Bounds are config's (tree.h), aliases counted as often as they are used. Errors:
// Code::configuration.
Result<config::Node> read_yaml(std::string_view text);

// A string as YAML: plain where nothing could take it for anything else, in double quotes otherwise.
std::string yaml_string(std::string_view text);
// The same for text that our loader must take literally: a dollar sign is doubled.
std::string literal(std::string_view text);

}  // namespace gatehouse::app::migrate
