#pragma once

#include <memory>
#include <string>

#include "gatehouse/app/model_loader.h"

namespace gatehouse::app {

// Models run by ONNX Runtime (ml/onnx), which is taken in when the first is wanted. `program`: the folder of the
// executable, where the runtime is looked for first; empty: in the system only.
std::unique_ptr<ModelLoader> make_onnx_loader(std::string program);

}  // namespace gatehouse::app
