package verify
import ("testing";"context")
func BenchmarkSym(b *testing.B){
 l:=shipped(b)
 for b.Loop() {
 for _,a:=range l{
  if len(a.p.Steps)<50 {continue}
  c:=&checker{ctx:context.Background(),p:a.p,o:a.options,m:compile(a.p,a.options)}
  c.o.Limits.States=1<<22
  c.o.Limits.Nodes=1<<22
  var ps []*plan
  for _,x:=range a.rules { q:=c.plan(x);ps=append(ps,q); if q.m==c.m {c.reads=append(c.reads,q.reads()...)} }
  dd:=newDiagrams(c.ctx,c.m,c.m.order(c.reads),1<<22,1<<30)
  for _,q:=range ps { if q.m!=c.m {continue}
   s:=q.cut()
   r,_:=dd.spread(s,q.stop)
   if q.isTrap(){r.trapped(q)} else {r.find(q)}
   r.release()
  }
 }
 }
}
