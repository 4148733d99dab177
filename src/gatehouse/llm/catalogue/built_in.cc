#include <cstdio>
#include <cstdlib>

#include "gatehouse/llm/catalogue/catalogue_tables.h"

// The text as it is, in the program's constants. By the assembler: #embed is not in GCC 13.
__asm__(
    ".pushsection .rodata\n"
    "gatehouse_catalogue_text:\n"
    ".incbin \"" GATEHOUSE_CATALOGUE_FILE
    "\"\n"
    "gatehouse_catalogue_end:\n"
    ".byte 0\n"
    ".popsection\n");
extern "C" {
[[gnu::visibility("hidden")]] extern const char gatehouse_catalogue_text[];
[[gnu::visibility("hidden")]] extern const char gatehouse_catalogue_end[];
}

namespace gatehouse::llm {

std::shared_ptr<const Catalogue> Catalogue::built_in() {
  const auto size = static_cast<std::size_t>(gatehouse_catalogue_end - gatehouse_catalogue_text);
  auto tables = Tables::parse({}, {gatehouse_catalogue_text, size});
  if (!tables) {
    std::fprintf(stderr, "gatehouse: the built-in %s\n", tables.error().detail.c_str());
    std::abort();
  }
  return std::shared_ptr<const Catalogue>(new Catalogue(std::move(*tables)));
}

}  // namespace gatehouse::llm
