# Installs the packages of the lock file here when they are missing or older than it. Run by ctest before the tests
# that need them (a fixture), so that a build from a clean checkout can be tested without another step.
set(here "${CMAKE_CURRENT_LIST_DIR}")
set(installed "${here}/node_modules/.package-lock.json")
if(EXISTS "${installed}" AND NOT "${here}/package-lock.json" IS_NEWER_THAN "${installed}")
  return()
endif()
find_program(NPM npm)
if(NOT NPM)
  message(FATAL_ERROR "npm is missing; scripts/setup installs it")
endif()
execute_process(COMMAND "${NPM}" ci --ignore-scripts --no-audit --no-fund --loglevel=error
  WORKING_DIRECTORY "${here}" RESULT_VARIABLE result)
if(result)
  message(FATAL_ERROR "npm ci failed in ${here}")
endif()
file(TOUCH "${installed}")
