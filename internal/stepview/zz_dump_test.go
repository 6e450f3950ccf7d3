package stepview
import ("bytes";"os";"testing";"time";"net/http";"net/http/httptest";"strings"
 "roundtable/internal/browser";"roundtable/internal/web/page";"roundtable/internal/web/static")
func TestMain(m *testing.M) { os.Exit(browser.Main(m.Run)) }
func TestDump(t *testing.T){
 dir:=os.Getenv("DUMP"); if dir=="" {t.Skip("no")}
 pages:=map[string][]byte{}
 put:=func(name string,p page.Page){ var b bytes.Buffer; if err:=page.Render(&b,p);err!=nil{t.Fatal(err)}; pages["/"+name]=b.Bytes() }
 for _,e:=range page.Gallery(){ put(e.Name,e.Page) }
 for _,x:=range []struct{id,lang string; at int; name string}{{"officer","en",0,"r-officer1"},{"officer","en",3,"r-officer4"},{"hygiene","en",18,"r-hyg19"},{"officer","es",13,"r-officer14es"},{"minor-records","en",0,"r-minor1"},{"officer","en",24,"r-taken"},{"suspected-abuse","en",3,"r-abuse4"}} {
  s:=find(t,x.id,x.lang)
  w:=begun(t,s)
  v:=View{Place:testPlace(t),Walk:w,Sheet:s.sheet,Href:"/i/x",Now:start.Add(time.Minute),Zone:time.UTC}
  p:=v.Step(x.at); 
  if x.at>0 { b:=newBuilder(s.program,s.sheet,x.at,v.Place); b.view=&v; p.Card.Open,p.Card.Post,p.Elsewhere=true,"/i/x",nil; p.Card.Ways=numbered(b.shownWays()); p.MayBack=true;p.Back="Greet"; p.HandOver="/x" }
  p.Lang=x.lang; p.Library="Elm"; p.Branch="Main"
  put(x.name,p)
 }
 srv:=httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,r *http.Request){
  if strings.HasPrefix(r.URL.Path,static.Prefix){static.Handler().ServeHTTP(w,r);return}
  w.Header().Set("Content-Type","text/html; charset=utf-8"); w.Write(pages[r.URL.Path]) }))
 defer srv.Close()
 tab:=browser.Shared(t).NewTab(t)
 shots:=strings.Fields(os.Getenv("SHOTS"))
 for _,s:=range shots { // name:view
  name,view,_:=strings.Cut(s,":")
  v:=browser.View{Viewport:browser.Phone}
  switch strings.TrimSuffix(view,"dark") { case "desk": v.Viewport=browser.Desktop; case "narrow": v.Viewport=browser.Narrow }
  v.Media.Dark=strings.HasSuffix(view,"dark"); v.Viewport.Scale=1
  tab.SetView(v); tab.Go(srv.URL+"/"+name); tab.Settle()
  os.WriteFile(dir+"/"+name+"-"+view+".png",tab.Screenshot(),0o644)
  os.WriteFile(dir+"/"+name+"-"+view+"-full.png",tab.FullScreenshot(),0o644)
 }
}
