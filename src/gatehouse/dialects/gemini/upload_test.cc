#include "gatehouse/dialects/gemini/upload.h"

#include <string>

#include <gtest/gtest.h>

namespace gatehouse::dialects::gemini {
namespace {

// "start", "bytes" or "other", the ticket, offset and size; or the error's slug and what it is about.
std::string read(const UploadFields& fields, std::string_view query) {
  const auto step = read_upload_step(fields, query);
  if (!step) return std::string(step.error().error.slug()) + " " + step.error().param;
  return std::string(step->start         ? "start"
                     : step->sends_bytes ? "bytes"
                                         : "other") +
         " " + step->ticket + " " + std::to_string(step->offset) + " " + std::to_string(step->size);
}

TEST(GeminiUpload, TheStepsOfTheOfficialClient) {
  EXPECT_EQ(read({.protocol = "resumable", .command = "start", .offset = {}, .size = "12"}, ""), "start  0 12");
  EXPECT_EQ(read({.protocol = "Resumable", .command = " START ", .offset = {}, .size = {}}, "key=k"), "start  0 0");
  EXPECT_EQ(read({.protocol = {}, .command = "upload", .offset = "0", .size = {}}, "upload_id=t-_9&upload_protocol=x"),
            "bytes t-_9 0 0");
  EXPECT_EQ(read({.protocol = {}, .command = "upload, finalize", .offset = "8388608", .size = {}}, "upload_id=t"),
            "bytes t 8388608 0");
  EXPECT_EQ(read({.protocol = {}, .command = "finalize,upload", .offset = "1", .size = {}}, "a&upload_id=t"),
            "bytes t 1 0");
  for (const auto* command : {"finalize", "query", "cancel"}) {
    EXPECT_EQ(read({.protocol = "resumable", .command = command, .offset = {}, .size = {}}, "upload_id=t"),
              "other t 0 0");
  }
}

TEST(GeminiUpload, WhatIsNoStep) {
  const auto command = [](std::string_view text, std::string_view query = "upload_id=t") {
    return read({.protocol = {}, .command = text, .offset = {}, .size = {}}, query);
  };
  for (const auto* text : {"", ",", "upload,", "upload,upload", "upload, cancel", "start, upload", "start, finalize",
                           "query, finalize", "begin", "upload finalize"}) {
    EXPECT_EQ(command(text), "invalid_request x-goog-upload-command") << text;
  }
  EXPECT_EQ(command("upload", ""), "invalid_request upload_id");
  EXPECT_EQ(command("upload", "upload_id="), "invalid_request upload_id");
  EXPECT_EQ(command("upload", "upload_id=a&upload%5Fid=a"), "invalid_request upload_id");
  EXPECT_EQ(command("start"), "invalid_request x-goog-upload-protocol");
  EXPECT_EQ(read({.protocol = "resumable", .command = "start", .offset = {}, .size = {}}, "upload_id=t"),
            "invalid_request upload_id");
  for (const auto* protocol : {"raw", "multipart"}) {
    EXPECT_EQ(read({.protocol = protocol, .command = "start", .offset = {}, .size = {}}, ""),
              "unsupported x-goog-upload-protocol");
  }
  for (const auto* number : {"-1", "+1", "0x1", "1 2", "99999999999999999999999"}) {
    EXPECT_EQ(read({.protocol = {}, .command = "upload", .offset = number, .size = {}}, "upload_id=t"),
              "invalid_request x-goog-upload-offset");
    EXPECT_EQ(read({.protocol = "resumable", .command = "start", .offset = {}, .size = number}, ""),
              "invalid_request x-goog-upload-header-content-length");
  }
}

TEST(GeminiUpload, TheAddress) {
  EXPECT_EQ(upload_address("https://models.example", "t-1_A"),
            "https://models.example/upload/v1beta/files?upload_id=t-1_A&upload_protocol=resumable");
}

}  // namespace
}  // namespace gatehouse::dialects::gemini
