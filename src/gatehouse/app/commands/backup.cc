#include "gatehouse/app/commands/backup.h"

#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "gatehouse/app/commands/store_option.h"
#include "gatehouse/store/backup.h"

namespace gatehouse::app {

void add_backup_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("backup", "copy the store into a new file while the gateway runs");
  struct Arguments {
    StoreOption store;
    std::string file;
  };
  const auto arguments = std::make_shared<Arguments>();
  arguments->store.add_to(*command);
  command->add_option("file", arguments->file, "the copy; must not be there yet")->required();
  command->callback([arguments, &exit_code] {
    const auto url = arguments->store.url();
    const auto done = url ? store::back_up(*url, arguments->file) : std::unexpected(url.error());
    if (!done) {
      std::fprintf(stderr, "gatehouse: %s\n", done.error().detail.c_str());
      exit_code = 2;
    }
  });
}

}  // namespace gatehouse::app
