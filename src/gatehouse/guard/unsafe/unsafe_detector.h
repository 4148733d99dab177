#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gatehouse/guard/detector.h"

namespace gatehouse::guard {

struct UnsafeOptions {
  // Hosts to which links and images may carry data ("img.example.com"; ".example.com" with everything below).
  std::vector<std::string> trusted_hosts;
};

// Finds what harms whoever executes, renders or shows a text: payloads of injection (SQL, XSS, shell, template, LDAP,
// XML, JNDI), links that reach inside or carry data out, terminal control sequences, hidden characters. README.md has
// the entities and how they are scored.
//
// The score answers two questions: is it a payload, made to be injected, or ordinary code; and where does it stand. In
// a fenced code block code is expected and scores below 0.5, unless running it destroys or hands over a machine; in
// prose, in a tool's arguments and in markup the same text scores higher.
std::unique_ptr<Detector> make_unsafe_detector(UnsafeOptions options = {});

}  // namespace gatehouse::guard
