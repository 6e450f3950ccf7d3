unsigned f0 : 2; /* q0 */
unsigned f1 : 2; /* q1 */
unsigned f2 : 2; /* q2 */
unsigned f3 : 1; /* director */
active proctype walk() {
assert(!(((f2 == 1 || f2 == 2 || f2 == 3) && !((f0 == 1 || f0 == 2 || f0 == 3))))); goto step_0;
step_0:
  if
  :: atomic { true -> f0 = 1; assert(!(((f2 == 1 || f2 == 2 || f2 == 3) && !((f0 == 1 || f0 == 2 || f0 == 3))))); goto step_1 }
  :: atomic { true -> f0 = 2; assert(!(((f2 == 1 || f2 == 2 || f2 == 3) && !((f0 == 1 || f0 == 2 || f0 == 3))))); goto step_1 }
  :: atomic { true -> f0 = 3; assert(!(((f2 == 1 || f2 == 2 || f2 == 3) && !((f0 == 1 || f0 == 2 || f0 == 3))))); goto step_1 }
  fi;
step_1:
  if
  :: atomic { true -> f1 = 1; assert(!(((f2 == 1 || f2 == 2 || f2 == 3) && !((f0 == 1 || f0 == 2 || f0 == 3))))); goto step_2 }
  :: atomic { true -> f1 = 2; assert(!(((f2 == 1 || f2 == 2 || f2 == 3) && !((f0 == 1 || f0 == 2 || f0 == 3))))); goto step_2 }
  :: atomic { true -> f1 = 3; assert(!(((f2 == 1 || f2 == 2 || f2 == 3) && !((f0 == 1 || f0 == 2 || f0 == 3))))); goto step_2 }
  fi;
step_2:
  if
  :: atomic { true -> f2 = 1; f3 = 1; assert(!(((f2 == 1 || f2 == 2 || f2 == 3) && !((f0 == 1 || f0 == 2 || f0 == 3))))); goto step_3 }
  :: atomic { true -> f2 = 2; f3 = 1; assert(!(((f2 == 1 || f2 == 2 || f2 == 3) && !((f0 == 1 || f0 == 2 || f0 == 3))))); goto step_3 }
  :: atomic { true -> f2 = 3; f3 = 1; assert(!(((f2 == 1 || f2 == 2 || f2 == 3) && !((f0 == 1 || f0 == 2 || f0 == 3))))); goto step_3 }
  fi;
step_3:
  if
  :: atomic { true -> assert(!(!(((f0 == 1 || f0 == 2 || f0 == 3) && (f3 == 1))))); assert(!(((f2 == 1 || f2 == 2 || f2 == 3) && !((f0 == 1 || f0 == 2 || f0 == 3))))); assert(!((((f0 == 0) && (f1 == 0)) || ((f1 == 0) && (f2 == 0))))); goto end_0 }
  fi;
end_0:
  goto finish;
finish:
  skip
}
