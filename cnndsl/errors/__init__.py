"""What each stage may say: one class an error, its docstring the page that `cnnc explain E301` prints."""
