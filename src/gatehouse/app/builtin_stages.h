#pragma once

#include <memory>

#include "gatehouse/base/error.h"
#include "gatehouse/pipeline/stage.h"

namespace gatehouse::app {

// The stages that every request passes, in order. Code::configuration if two have one name.
Result<std::shared_ptr<const pipeline::Stages>> builtin_stages();

}  // namespace gatehouse::app
