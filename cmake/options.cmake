# Flags common to all targets, chosen by the presets (CMakePresets.json).
set(GATEHOUSE_SANITIZE "" CACHE STRING "Sanitizers for every target: 'address,undefined', 'thread' or empty")
option(GATEHOUSE_FUZZ "Link the fuzz targets with libFuzzer (clang only)" OFF)
option(GATEHOUSE_TIDY "Run clang-tidy with the compiler" OFF)
set(GATEHOUSE_PROFILE "" CACHE STRING "'use': optimise by gatehouse.profdata; 'make': count for it (scripts/profile)")

add_library(gatehouse_options INTERFACE)
target_include_directories(gatehouse_options INTERFACE "${CMAKE_CURRENT_SOURCE_DIR}/src")
target_compile_options(gatehouse_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -Wcast-align -Wunused -Werror -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    message(FATAL_ERROR "GCC before 13 miscompiles temporaries in co_await expressions; use clang 19 or GCC 13+")
  endif()
  # False positives in libstdc++ headers at -O2 with coroutines.
  target_compile_options(gatehouse_options INTERFACE -Wno-maybe-uninitialized -Wno-dangling-reference)
  # GCC takes a protected destructor for accessible where the class has a friend. clang's own check stays on, and here
  # -Wdelete-non-virtual-dtor (of -Wall).
  target_compile_options(gatehouse_options INTERFACE -Wno-non-virtual-dtor)
  # An array of SIMD registers is meant: what the type loses as a template's argument (may_alias) is not missed.
  target_compile_options(gatehouse_options INTERFACE -Wno-ignored-attributes)
endif()
if(GATEHOUSE_SANITIZE)
  target_compile_options(gatehouse_options INTERFACE -fsanitize=${GATEHOUSE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(gatehouse_options INTERFACE -fsanitize=${GATEHOUSE_SANITIZE})
  # Recycled coroutine frames hide use-after-free from the sanitizers.
  target_compile_definitions(gatehouse_options INTERFACE BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING
    GATEHOUSE_SANITIZED=1)
endif()
# Of tests, benchmarks and fuzz targets (module.cmake), after the preset's.
set(GATEHOUSE_TEST_OPTIONS "")
if(GATEHOUSE_SANITIZE AND NOT GATEHOUSE_FUZZ)
  set(GATEHOUSE_TEST_OPTIONS -O0)
endif()
# Asio is compiled once, in async/asio_impl.cc; everybody else sees declarations. For all alike, as they share
# precompiled headers (headers.cmake).
target_compile_definitions(gatehouse_options INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=8)
target_compile_options(gatehouse_options INTERFACE -pthread)
# What scripts/profile counted: which code a request runs through. A function that was changed since is compiled as
# though nothing were known of it, so that an old profile costs speed and nothing else. The format is clang's own, which
# later versions read and earlier ones may not; GCC does without.
set(GATEHOUSE_PROFILE_FILE "")
if(GATEHOUSE_PROFILE AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 19)
  # A function that is local to a file is counted under the file's name; with its folder, a profile would only fit the
  # checkout that it was made in.
  target_compile_options(gatehouse_options INTERFACE "SHELL:-mllvm -static-func-full-module-prefix=false")
  if(GATEHOUSE_PROFILE STREQUAL "make")
    target_compile_options(gatehouse_options INTERFACE -fprofile-generate)
    target_link_options(gatehouse_options INTERFACE -fprofile-generate)
  elseif(EXISTS "${CMAKE_CURRENT_LIST_DIR}/gatehouse.profdata")
    set(GATEHOUSE_PROFILE_FILE "${CMAKE_CURRENT_LIST_DIR}/gatehouse.profdata")
    # Relative, so that checkouts share what ccache keeps. By sections of their own, lld lays functions that call each
    # other side by side.
    file(RELATIVE_PATH profile "${CMAKE_BINARY_DIR}" "${GATEHOUSE_PROFILE_FILE}")
    target_compile_options(gatehouse_options INTERFACE "-fprofile-use=${profile}"
      -Wno-profile-instr-out-of-date -Wno-profile-instr-unprofiled -Wno-profile-instr-missing -Wno-backend-plugin
      -ffunction-sections)
  endif()
endif()
if(GATEHOUSE_FUZZ)
  target_compile_options(gatehouse_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()
find_program(MOLD mold)
find_program(LLD NAMES ld.lld-19 ld.lld)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND LLD)
  target_link_options(gatehouse_options INTERFACE "--ld-path=${LLD}")
elseif(MOLD)
  target_link_options(gatehouse_options INTERFACE -fuse-ld=mold)
endif()
if(GATEHOUSE_TIDY)
  find_program(CLANG_TIDY NAMES clang-tidy-19 clang-tidy REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY "${CLANG_TIDY};--quiet;--warnings-as-errors=*")
endif()
