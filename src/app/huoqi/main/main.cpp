// SPDX-License-Identifier: Apache-2.0
#include "app/huoqi/program.h"

int main(int argc, char** argv) { return huoqi::cli::run_program({argv + 1, argv + argc}); }
