# Precompiled headers for the presets that compile everything (dev, tsan, fuzz): a third of what that costs. Sources
# include what they use all the same: the release build has none of this, and scripts/lint looks.
#   GATEHOUSE_PCH=0 (environment, when configuring): without. ccache shares no object between two checkouts that was
#   compiled with precompiled headers; who keeps several is better off without.
option(GATEHOUSE_PCH "Precompile what nearly every source includes (clang only)" OFF)
if(GATEHOUSE_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND NOT "$ENV{GATEHOUSE_PCH}" STREQUAL "0")
  set(precompiled ON)
endif()
if(NOT precompiled)
  function(gatehouse_use_headers)
  endfunction()
  return()
endif()

set(standard_headers
  <algorithm> <array> <atomic> <bit> <charconv> <chrono> <cmath> <cstddef> <cstdint> <cstdlib> <cstring> <deque>
  <expected> <filesystem> <fstream> <functional> <limits> <map> <memory> <mutex> <optional> <set> <span> <string>
  <string_view> <thread> <tuple> <unordered_map> <utility> <variant> <vector> <fmt/format.h>)
set(loop_headers <boost/asio/awaitable.hpp> <boost/asio/io_context.hpp> <boost/asio/use_awaitable.hpp>)
set(test_headers <gmock/gmock.h> <gtest/gtest.h>)
# ccache takes a source's precompiled headers into account once it is told that they are there.
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE}")
endif()
file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/headers/$<CONFIG>.cc" CONTENT "")
# Four: for a room's sources and for its tests (module.cmake), with Asio where the room has a loop. Who uses one must have
# its flags.
foreach(kind IN ITEMS room loop_room test loop_test)
  add_library(gatehouse_${kind}_headers OBJECT "${CMAKE_BINARY_DIR}/headers/$<CONFIG>.cc")
  target_compile_options(gatehouse_${kind}_headers PRIVATE -Xclang -fno-pch-timestamp)
  target_link_libraries(gatehouse_${kind}_headers PRIVATE gatehouse_options fmt::fmt)
  target_precompile_headers(gatehouse_${kind}_headers PRIVATE ${standard_headers})
  if(kind MATCHES "loop")
    target_link_libraries(gatehouse_${kind}_headers PRIVATE Boost::headers)
    target_precompile_headers(gatehouse_${kind}_headers PRIVATE ${loop_headers})
  endif()
  if(kind MATCHES "test")
    target_compile_options(gatehouse_${kind}_headers PRIVATE ${GATEHOUSE_TEST_OPTIONS})
    target_link_libraries(gatehouse_${kind}_headers PRIVATE GTest::gmock)
    target_precompile_headers(gatehouse_${kind}_headers PRIVATE ${test_headers})
  endif()
endforeach()

# gatehouse_use_headers(TARGET room|test the rooms that it is made of...)
function(gatehouse_use_headers TARGET kind)
  foreach(room IN ITEMS async net http pipeline)
    if(room IN_LIST ARGN)
      string(PREPEND kind loop_)
      break()
    endif()
  endforeach()
  target_compile_options(${TARGET} PRIVATE -Xclang -fno-pch-timestamp)
  target_precompile_headers(${TARGET} REUSE_FROM gatehouse_${kind}_headers)
endfunction()
