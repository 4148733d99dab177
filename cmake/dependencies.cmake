# Every outside library, found once and named here; scripts/setup installs them from the distribution.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(fmt REQUIRED)
find_package(simdjson REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(ZLIB REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLite3 3.37 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
pkg_check_modules(cares REQUIRED IMPORTED_TARGET libcares)
pkg_check_modules(brotlidec REQUIRED IMPORTED_TARGET libbrotlidec)
pkg_check_modules(brotlienc REQUIRED IMPORTED_TARGET libbrotlienc)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(hs REQUIRED IMPORTED_TARGET libhs)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(icu REQUIRED IMPORTED_TARGET icu-uc icu-i18n)
# scripts/setup unpacks its headers; elsewhere they are where they are installed.
set(GATEHOUSE_UNPACKED "${PROJECT_SOURCE_DIR}/build/unpacked/usr/include")
find_path(PHONENUMBER_INCLUDE phonenumbers/phonenumberutil.h HINTS "${GATEHOUSE_UNPACKED}" REQUIRED)
find_library(PHONENUMBER_LIBRARY NAMES phonenumber libphonenumber.so.9 libphonenumber.so.8 REQUIRED)
find_library(PROTOBUF_LIBRARY protobuf REQUIRED)
# As shared libraries, libphonenumber and what it needs cost every process 3 MB, in relocations and in pages of what
# nobody calls, guards or not. Their archives leave that out. Not under sanitizers, where inline code of theirs without
# instrumentation could be taken for ours; and not where archives are missing or need others than these.
set(PHONENUMBER_ARCHIVES "")
if(NOT GATEHOUSE_SANITIZE)
  foreach(name phonenumber protobuf icui18n absl_raw_hash_set absl_hash absl_city absl_low_level_hash
      absl_bad_variant_access absl_bad_optional_access absl_strings absl_strings_internal absl_int128
      absl_throw_delegate absl_base absl_raw_logging_internal)
    find_library(ARCHIVE_${name} NAMES lib${name}.a
      HINTS "${PROJECT_SOURCE_DIR}/build/unpacked/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}")
    list(APPEND PHONENUMBER_ARCHIVES "${ARCHIVE_${name}}")
  endforeach()
  if(NOT PHONENUMBER_ARCHIVES MATCHES "NOTFOUND")
    include(CheckCXXSourceCompiles)
    set(CMAKE_REQUIRED_INCLUDES "${PHONENUMBER_INCLUDE}")
    set(CMAKE_REQUIRED_LIBRARIES -Wl,--start-group ${PHONENUMBER_ARCHIVES} -Wl,--end-group icuuc Threads::Threads)
    check_cxx_source_compiles("#include <phonenumbers/phonenumberutil.h>
      int main() { return i18n::phonenumbers::PhoneNumberUtil::GetInstance() == nullptr; }" PHONENUMBER_ARCHIVES_LINK)
    unset(CMAKE_REQUIRED_INCLUDES)
    unset(CMAKE_REQUIRED_LIBRARIES)
  endif()
endif()
if(PHONENUMBER_ARCHIVES_LINK AND NOT GATEHOUSE_SANITIZE)
  add_library(phonenumber::phonenumber INTERFACE IMPORTED)
  list(JOIN PHONENUMBER_ARCHIVES "," archives)
  set_target_properties(phonenumber::phonenumber PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${PHONENUMBER_INCLUDE}"
    INTERFACE_LINK_LIBRARIES "$<LINK_GROUP:RESCAN,${archives}>;PkgConfig::icu")
  # Nor may the shared one come in beside it.
  get_target_property(libraries PkgConfig::icu INTERFACE_LINK_LIBRARIES)
  list(TRANSFORM libraries REPLACE "^.*libicui18n[.]so$" "${ARCHIVE_icui18n}")
  set_target_properties(PkgConfig::icu PROPERTIES INTERFACE_LINK_LIBRARIES "${libraries}")
else()
  add_library(phonenumber::phonenumber UNKNOWN IMPORTED)
  set_target_properties(phonenumber::phonenumber PROPERTIES IMPORTED_LOCATION "${PHONENUMBER_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${PHONENUMBER_INCLUDE}" INTERFACE_LINK_LIBRARIES "${PROTOBUF_LIBRARY}")
endif()
# ONNX Runtime is loaded at run time (ml/onnx/runtime.h); a build needs its headers only, and does without them.
option(GATEHOUSE_ONNX "Run models with ONNX Runtime, where its headers are found" ON)
if(GATEHOUSE_ONNX)
  find_path(ONNXRUNTIME_INCLUDE onnxruntime_c_api.h HINTS "${PROJECT_SOURCE_DIR}/build/onnxruntime/include"
    PATH_SUFFIXES onnxruntime onnxruntime/core/session)
  if(ONNXRUNTIME_INCLUDE)
    message(STATUS "ONNX Runtime: ${ONNXRUNTIME_INCLUDE}")
  else()
    message(STATUS "ONNX Runtime: no headers found, models will not run (scripts/setup fetches them)")
  endif()
endif()
# Tests only, and not everywhere: a parser to compare ours with.
find_path(HTTP_PARSER_INCLUDE http_parser.h)
find_library(HTTP_PARSER_LIBRARY http_parser)
# The distribution's cctz comes without a CMake or pkg-config file.
find_path(CCTZ_INCLUDE cctz/time_zone.h REQUIRED)
find_library(CCTZ_LIBRARY cctz REQUIRED)
add_library(cctz::cctz UNKNOWN IMPORTED)
set_target_properties(cctz::cctz PROPERTIES IMPORTED_LOCATION "${CCTZ_LIBRARY}"
  INTERFACE_INCLUDE_DIRECTORIES "${CCTZ_INCLUDE}")
